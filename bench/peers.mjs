// Renders texts as two well-known chat front ends do. Its argument is the folder with the npm packages;
// standard input has a JSON list of texts. Prints a JSON object: for each system, the HTML of each text.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const folder = pathToFileURL(`${process.argv[2]}/`);
const require = createRequire(folder);

/** A package that may be for `import` only. */
function load(name) {
  return import(new URL(`node_modules/${name}/${entry(name)}`, folder));
}

function entry(name) {
  const about = require(`./node_modules/${name}/package.json`);
  let found = about.exports ?? about.main ?? "index.js";
  while (typeof found !== "string") found = found["."] ?? found.import ?? found.default;
  return found;
}

const { createElement } = require("react");
const { renderToStaticMarkup } = require("react-dom/server");
const { default: Markdown } = await load("react-markdown");
const { default: gfm } = await load("remark-gfm");
const { default: math } = await load("remark-math");
const { default: katex } = await load("rehype-katex");
const { Streamdown } = await load("streamdown");
const { createMathPlugin } = await load("@streamdown/math");
const { cjk } = await load("@streamdown/cjk");

const react = { remarkPlugins: [gfm, math], rehypePlugins: [katex] };
const streamdown = {
  mode: "static",
  dir: "auto",
  controls: false,
  linkSafety: { enabled: false },
  plugins: { math: createMathPlugin(), cjk },
};
const systems = { "react-markdown": [Markdown, react], streamdown: [Streamdown, streamdown] };

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const texts = JSON.parse(Buffer.concat(chunks).toString());

const rendered = {};
for (const [name, [component, options]] of Object.entries(systems)) {
  rendered[name] = texts.map((text) => renderToStaticMarkup(createElement(component, options, text)));
}
console.log(JSON.stringify(rendered));
