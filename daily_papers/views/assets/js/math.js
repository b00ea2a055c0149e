// Mathematics, typeset by KaTeX where it comes near the window, in idle time, a formula at a time.
// A formula is a stranger's program: what defines macros or asks for boxes of a size is refused, and
// so is what is too long. What is refused stays as its author wrote it.
import { all, make } from "./dom.js";

const LONGEST = 3000;
const DEFINES =
  /\\(?:[egx]?def|let|futurelet|global|long|(?:re|provide)?newcommand|renewcommand|providecommand|DeclareMathOperator|raisebox|rule|vskip|vspace|above)(?![A-Za-z])/;
// Space or a line's height of ten or more of a unit.
const SIZED =
  /\\(?:m?kern|[hm]skip|hspace\*?)\s*\{?\s*[-+]?\s*\d{2,}|\\\\\s*\*?\s*\[\s*[-+]?\s*\d{2,}/;

// What authors use and KaTeX does not know, as far as it means the same everywhere.
const MACROS = {
  "\\mbox": "\\text{#1}",
  "\\hbox": "\\text{#1}",
  "\\Tilde": "\\tilde{#1}",
  "\\Hat": "\\hat{#1}",
  "\\Bar": "\\bar{#1}",
  "\\Vec": "\\vec{#1}",
  "\\Dot": "\\dot{#1}",
  "\\textgreater": "\\gt",
  "\\textless": "\\lt",
  "\\textasciitilde": "\\sim",
  "\\textsuperscript": "^{\\text{#1}}",
  "\\textsubscript": "_{\\text{#1}}",
  "\\ensuremath": "#1",
  "\\textsc": "\\text{#1}",
  "\\textsl": "\\textit{#1}",
  "\\mathds": "\\mathbb{#1}",
  "\\mathbbm": "\\mathbb{#1}",
  "\\bbone": "\\mathbb{1}",
  "\\nicefrac": "{#1}/{#2}",
  "\\sfrac": "{#1}/{#2}",
  "\\slashed": "\\not{#1}",
  "\\degree": "^\\circ",
  "\\micro": "\\mu",
  "\\arcsec": "^{\\prime\\prime}",
  "\\arcmin": "^{\\prime}",
  "\\arcdeg": "^\\circ",
  "\\degr": "^\\circ",
  "\\farcs": ".\\!\\!^{\\prime\\prime}",
  "\\hdots": "\\ldots",
  "\\fint": "⨍",
  "\\upmu": "\\mu",
  "\\Msun": "M_\\odot",
  "\\hfill": "\\quad",
  "\\sech": "\\operatorname{sech}",
  "\\supp": "\\operatorname{supp}",
  "\\slash": "/",
  "\\ion": "\\text{#1 #2}",
};

// KaTeX needs braces where TeX takes a declaration for a whole script: `x_\rm eff`.
const DECLARED = /([_^])\s*\\(rm|bf|it|sf|tt|cal)\s*(?:\{([^{}]*)\}|([A-Za-z]+))/g;

// Abstracts are no TeX documents, and arXiv shows them by MathJax: a percent sign begins no comment,
// and a character may be named by its number.
function forKatex(tex) {
  const character = (_, number) => {
    const code = parseInt(number, 16);
    return code > 0 && code <= 0x10ffff ? `\\text{${String.fromCodePoint(code)}}` : "?";
  };
  return tex
    .replace(/\\unicode\{x([0-9a-f]{2,5})\}/gi, character)
    .replace(DECLARED, (_, sign, name, braced, bare) => `${sign}{\\${name} ${braced ?? bare}}`)
    .replace(/\\label\{[^{}]*\}/g, "")
    .replace(/(?<!\\)%/g, "\\%");
}

export const isRefused = (tex) => tex.length > LONGEST || DEFINES.test(tex) || SIZED.test(tex);

let loading;

function katex() {
  loading ??= (async () => {
    document.head.append(make("link", { rel: "stylesheet", href: "katex/katex.min.css" }));
    await import("../katex/katex.min.js"); // No module, but it works as one: it sets a global name.
    return globalThis.katex;
  })();
  return loading;
}

// KaTeX sets a few styles as attributes, which the policy forbids, and not as properties, which it
// allows: for `\vec` and `\pmb`, for example.
function withStylesAsProperties(work) {
  const { setAttribute } = Element.prototype;
  Element.prototype.setAttribute = function (name, value) {
    if (name === "style") this.style.cssText = value;
    else setAttribute.call(this, name, value);
  };
  try {
    work();
  } finally {
    Element.prototype.setAttribute = setAttribute;
  }
}

function typesetOne(node, renderer) {
  const tex = node.textContent;
  node.dataset.tex = tex;
  if (isRefused(tex)) return;
  const options = {
    displayMode: node.classList.contains("display"),
    macros: { ...MACROS },
    maxExpand: 200,
    maxSize: 5,
    strict: "ignore",
    throwOnError: true,
    trust: false,
  };
  try {
    withStylesAsProperties(() => renderer.render(forKatex(tex), node, options));
  } catch {
    node.textContent = tex;
  }
}

const waiting = [];
let isWorking = false;
const whenIdle = window.requestIdleCallback ?? ((work) => setTimeout(() => work(), 1));

async function work() {
  if (isWorking) return;
  isWorking = true;
  try {
    const renderer = await katex();
    while (waiting.length) {
      await new Promise((resolve) => whenIdle(resolve, { timeout: 200 }));
      const begun = performance.now();
      do {
        const node = waiting.shift();
        if (!("tex" in node.dataset)) typesetOne(node, renderer);
      } while (waiting.length && performance.now() - begun < 8);
    }
  } finally {
    isWorking = false;
  }
}

export function typeset(root) {
  const formulas = all(".math:not([data-tex])", root);
  if (!formulas.length) return;
  waiting.push(...formulas);
  work();
}

const near = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      for (const part of all("h3, .note, .key, details[open]", target)) typeset(part);
    }
  },
  { rootMargin: "300px" },
);

// Typesets what is seen of an article once it comes near the window.
export function watch(article) {
  if (article.querySelector(".math")) near.observe(article);
}

document.addEventListener("toggle", (event) => event.target.open && typeset(event.target), true);
