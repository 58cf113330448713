/* Prints what a style sheet is made of, as JSON: `node style.cjs FILE`.

   {"rules": [{"line", "media", "selectors", "declarations": [[property, value]]}],
    "used": {"property" | "unit" | "function" | ...: {name: line of its first use}},
    "mistakes": [text]} */
const fs = require("node:fs");
const css = require("css-tree");

const rules = [], used = {}, mistakes = [];
let line = 1;

function use(kind, name) {
  used[kind] = used[kind] || {};
  used[kind][name] = used[kind][name] || line;
}

/* Browsers' own properties have no published syntax. */
function check(declaration) {
  const name = css.property(declaration.property);
  if (name.vendor) { return; }
  const { error } = css.lexer.matchDeclaration(declaration);
  if (!error) { return; }
  mistakes.push(`line ${line}: ${css.generate(declaration)}: ${error.message.split("\n")[0]}`);
}

const KINDS = {
  Atrule: ["at-rule", "name"],
  Feature: ["feature", "name"],
  FeatureRange: ["feature", "kind"],
  Combinator: ["combinator", "name"],
  PseudoClassSelector: ["pseudo-class", "name"],
  PseudoElementSelector: ["pseudo-element", "name"],
  AttributeSelector: ["attribute", "matcher"],
  NestingSelector: ["combinator", "type"],
  Declaration: ["property", "property"],
  Dimension: ["unit", "unit"],
  Function: ["function", "name"],
  Url: ["function", "type"],
  Raw: ["unread", "value"],
};

const tree = css.parse(fs.readFileSync(process.argv[2], "utf8"), {
  positions: true,
  parseCustomProperty: true,
  onParseError: (error) => mistakes.push(`line ${error.line}: ${error.message}`),
});

css.walk(tree, function (node) {
  const kind = KINDS[node.type];
  line = node.loc ? node.loc.start.line : line; // a space between two selectors has no place
  if (kind) { use(kind[0], node[kind[1]] || ""); }
  if (node.type === "Declaration") {
    check(node);
    if (node.important) { use("important", node.property); }
    if (node.property === "display") { use("display", css.generate(node.value)); }
  }
  if (node.type === "Rule") {
    rules.push({
      line,
      media: this.atrule ? css.generate(this.atrule.prelude).split(",") : [],
      selectors: css.generate(node.prelude).split(","),
      declarations: node.block.children.toArray()
        .filter((child) => child.type === "Declaration")
        .map((child) => [child.property, css.generate(child.value)]),
    });
  }
});

process.stdout.write(JSON.stringify({ rules, used, mistakes }));
