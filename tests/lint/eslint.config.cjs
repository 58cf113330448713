/* What a script may use on an e-reader of 2010: ES3, and of the browser what is listed here. What only
   newer browsers have may be asked for (`window.fetch`), and used where it was found. */
const js = require("@eslint/js");

const BROWSER = "window document screen history localStorage JSON XMLHttpRequest " +
  "setTimeout clearTimeout";
const ASKED_FOR = "fetch Response TextDecoder";

const LACKED_OR_BROKEN = [
  // Not in ES3, or not in its engines.
  "bind forEach map filter some every reduce reduceRight lastIndexOf isArray trim toISOString keys",
  "values entries create defineProperty defineProperties freeze assign includes startsWith",
  "endsWith padStart padEnd repeat finally catch find findIndex",
  // Not in old WebKit's pages, or under another name.
  "requestAnimationFrame classList dataset matchMedia hidden querySelector querySelectorAll remove",
  "replaceWith closest matches textContent innerText addEventListener key append",
  "prepend before after",
  // There, and of no use: it shows nothing, moves nothing, or lies.
  "alert confirm prompt scrollTo scrollBy scrollIntoView userAgent write writeln",
].join(" ").split(" ");

const OTHER_EVENTS = "^on(?!(click|submit|readystatechange|focus|keydown|resize|pageshow)$)";

const names = (list, value) => Object.fromEntries(list.split(" ").map((name) => [name, value]));

module.exports = [
  js.configs.recommended,
  {
    files: ["**/*.js"],
    linterOptions: { noInlineConfig: true },
    languageOptions: {
      ecmaVersion: 3,
      sourceType: "script",
      globals: names(`${BROWSER} ${ASKED_FOR}`, "readonly"),
    },
    rules: {
      "comma-dangle": ["error", "never"],
      "no-empty": ["error", { allowEmptyCatch: true }],
      "no-unused-vars": ["error", { caughtErrors: "none" }],
      "no-prototype-builtins": "off", // `Object.hasOwn` is not there
      "no-inner-declarations": ["error", "functions", { blockScopedFunctions: "disallow" }],
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-script-url": "error",
      "no-restricted-globals": ["error", { name: "Date", message: "E-readers' clocks are wrong." }],
      "no-restricted-properties": ["error", ...LACKED_OR_BROKEN.map((property) => ({ property }))],
      "no-restricted-syntax": [
        "error",
        {
          selector: `AssignmentExpression > MemberExpression[property.name=/${OTHER_EVENTS}/]`,
          message: "E-readers know clicks, forms that are sent, who uses a field, and screens that are turned.",
        },
      ],
    },
  },
];
