// What the page can do beyond being read: topics as tabs, search, what is new since the last visit,
// typeset mathematics, BibTeX. All of it is made from the papers that stand in the HTML.
"use strict";

(() => {
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  function make(tag, properties = {}, ...children) {
    const node = Object.assign(document.createElement(tag), properties);
    node.append(...children);
    return node;
  }

  // --- Papers and what is shown of them ----------------------------------------------------------

  const papers = all("article").map((node) => ({
    node,
    topics: new Set(node.dataset.topics.split(" ")),
    isNew: false,
    words: null,
  }));
  const days = all("#list > section");
  const field = one("#query");
  const count = one("#count");
  const nothing = make("p", { id: "nothing", hidden: true }, "No paper matches. ");
  const fresh = make("button", { id: "fresh", type: "button", hidden: true });
  const said = make("p", { className: "unseen", role: "status" });
  const everything = "";
  let topic = everything; // the number of a topic, as in the papers' data-topics
  let tabs = [];

  // Letters that Unicode does not take apart into a plain one and its accent.
  const LETTERS = { ß: "ss", æ: "ae", œ: "oe", ø: "o", đ: "d", ð: "d", þ: "th", ł: "l", ı: "i" };

  function fold(text) {
    const plain = text.toLowerCase().normalize("NFKD").replace(/\p{M}+/gu, "");
    return plain.replace(/[ßæœøđðþłı]/g, (letter) => LETTERS[letter]);
  }

  // A text as it came, with the source of its formulas, typeset or not.
  function source(node) {
    return [...node.childNodes].map((child) => child.dataset?.tex ?? child.textContent).join("");
  }

  function wordsOf(paper) {
    paper.words ??= fold(
      [one("h3 a", paper.node), one(".authors", paper.node), one("details p", paper.node)]
        .map((part) => (part ? source(part) : ""))
        .join("\n"),
    );
    return paper.words;
  }

  function show() {
    const asked = fold(field.value).split(/\s+/).filter(Boolean);
    const onlyNew = fresh.getAttribute("aria-pressed") === "true";
    const found = new Map(tabs.map((tab) => [tab.topic, 0]));
    let shown = 0;
    let candidates = 0;
    for (const paper of papers) {
      const isHere = topic === everything || paper.topics.has(topic);
      const matches =
        (paper.isNew || !onlyNew) && asked.every((word) => wordsOf(paper).includes(word));
      if (matches) {
        found.set(everything, found.get(everything) + 1);
        for (const number of paper.topics) found.set(number, found.get(number) + 1);
      }
      candidates += isHere;
      shown += isHere && matches;
      paper.node.hidden = !(isHere && matches);
    }
    for (const day of days) day.hidden = !one("article:not([hidden])", day);
    for (const tab of tabs) tab.number.textContent = String(found.get(tab.topic));
    for (const node of all("[data-topics]:not(article)")) {
      node.hidden = topic !== everything && node.dataset.topics !== topic;
    }
    nothing.hidden = shown > 0 || candidates === 0;
    if (papers.length) tell(shown, candidates);
    remember();
  }

  function tell(shown, candidates) {
    const part = shown === candidates ? "" : `${shown.toLocaleString("en")} of `;
    const whole = candidates === 1 ? "1 paper" : `${candidates.toLocaleString("en")} papers`;
    const where = topic === everything ? "" : ` on ${tabs[Number(topic) + 1].name}`;
    count.textContent = part + whole + where;
  }

  // Who asks for something else deep in the list wants to see where it begins.
  function toTop() {
    const main = one("main");
    if (main.getBoundingClientRect().top < 0) main.scrollIntoView();
  }

  // --- The address remembers the topic and what is looked for ------------------------------------

  const isOurs = () => !location.hash || /^#(?:topic|q)=/.test(location.hash);

  function remember() {
    const address = new URLSearchParams();
    if (topic !== everything) address.set("topic", tabs[Number(topic) + 1].name);
    if (field.value.trim()) address.set("q", field.value.trim());
    const hash = String(address) && `#${address}`;
    if (hash === location.hash || !(hash || isOurs())) return;
    try {
      history.replaceState(null, "", hash || location.pathname + location.search);
    } catch {
      // Safari allows a hundred changes in half a minute.
    }
  }

  function recall() {
    const address = new URLSearchParams(location.hash.slice(1));
    field.value = address.get("q") ?? "";
    choose(tabs.find(({ name }) => name === address.get("topic")) ?? tabs[0]);
  }

  // --- Topics as tabs ----------------------------------------------------------------------------
  // https://www.w3.org/WAI/ARIA/apg/patterns/tabs/

  function choose(chosen) {
    topic = chosen.topic;
    for (const tab of tabs) {
      tab.node.setAttribute("aria-selected", String(tab === chosen));
      tab.node.tabIndex = tab === chosen ? 0 : -1;
    }
    one("#list").setAttribute("aria-labelledby", chosen.node.id);
    show();
  }

  function makeTabs() {
    const list = one("#topics");
    const topics = all("li", list).map((item) => item.firstChild.textContent.trim());
    tabs = ["All topics", ...topics].map((name, place) => {
      const number = make("span", { className: "number" });
      const node = make("button", { type: "button", role: "tab", id: `tab-${place}` });
      node.append(make("span", {}, name), number);
      node.setAttribute("aria-controls", "list");
      return { node, name, number, topic: place ? String(place - 1) : everything };
    });
    const strip = make("div", { role: "tablist", ariaLabel: "Topics" });
    strip.append(...tabs.map((tab) => tab.node));
    const isWide = matchMedia("(min-width: 62rem)");
    const turn = () => {
      strip.setAttribute("aria-orientation", isWide.matches ? "vertical" : "horizontal");
    };
    isWide.addEventListener("change", turn);
    turn();
    strip.addEventListener("click", (event) => {
      const tab = tabs.find(({ node }) => node.contains(event.target));
      if (!tab) return;
      choose(tab);
      toTop();
    });
    strip.addEventListener("keydown", (event) => {
      const here = tabs.findIndex(({ node }) => node === document.activeElement);
      const [back, forth] = isWide.matches ? ["ArrowUp", "ArrowDown"] : ["ArrowLeft", "ArrowRight"];
      const steps = { [back]: here - 1, [forth]: here + 1, Home: 0, End: tabs.length - 1 };
      if (here < 0 || !(event.key in steps)) return;
      event.preventDefault();
      const tab = tabs[(steps[event.key] + tabs.length) % tabs.length];
      choose(tab);
      toTop();
      tab.node.focus();
      tab.node.scrollIntoView({ block: "nearest", inline: "nearest" });
    });
    list.replaceWith(strip);
    one("#list").setAttribute("role", "tabpanel");
  }

  // --- Search ------------------------------------------------------------------------------------

  function clear() {
    field.value = "";
    fresh.setAttribute("aria-pressed", "false");
    show();
  }

  function makeSearch() {
    one("[role=search]").hidden = false;
    const again = make("button", { type: "button" }, "Show all");
    again.addEventListener("click", () => {
      clear();
      field.focus();
    });
    nothing.append(again);
    one("#list").before(nothing);
    field.addEventListener("focus", () => papers.forEach(wordsOf), { once: true });
    field.addEventListener("input", () => {
      show();
      toTop();
    });
    document.addEventListener("keydown", (event) => {
      const isTyping = event.target.closest?.("input, textarea, [contenteditable]");
      if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
        event.preventDefault();
        field.focus();
        field.select();
      } else if (event.key === "Escape" && (field.value || event.target === field)) {
        event.preventDefault();
        clear();
      }
    });
  }

  // --- New since the last visit ------------------------------------------------------------------

  // A paper is new when an earlier visit did not see it. It stays so until a visit sees newer ones:
  // to load the page again must not take the marks away. Pages of one origin are told apart by
  // their path. A browser may forbid to keep anything; then nothing is new.
  function findNew() {
    const key = `daily-papers:${location.pathname}`;
    const ids = papers.map((paper) => paper.node.id);
    let isNew = new Set();
    try {
      const known = JSON.parse(localStorage.getItem(key) ?? "null");
      if (known) {
        const seen = new Set(known.seen);
        const unseen = ids.filter((id) => !seen.has(id));
        isNew = new Set(unseen.length ? unseen : known.fresh);
      }
      localStorage.setItem(key, JSON.stringify({ seen: ids, fresh: [...isNew] }));
    } catch {
      return;
    }
    for (const paper of papers) {
      if (!isNew.has(paper.node.id)) continue;
      paper.isNew = true;
      one(".about", paper.node).prepend(make("span", { className: "new" }, "new"), " · ");
    }
    const number = papers.filter((paper) => paper.isNew).length;
    fresh.hidden = number === 0;
    fresh.textContent = `${number.toLocaleString("en")} new since your last visit`;
    fresh.setAttribute("aria-pressed", "false");
    fresh.addEventListener("click", () => {
      const isPressed = fresh.getAttribute("aria-pressed") === "true";
      fresh.setAttribute("aria-pressed", String(!isPressed));
      show();
    });
    one("#status").append(fresh);
  }

  // --- Mathematics -------------------------------------------------------------------------------

  const typesetter = new Promise((resolve) => {
    if (window.katex) resolve(window.katex);
    else one("script[src^=katex]").addEventListener("load", () => resolve(window.katex));
  });

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

  // Abstracts are no TeX documents, and arXiv shows them by MathJax: a percent sign begins no
  // comment, and a character may be named by its number.
  function forKatex(tex) {
    const character = (_, number) => `\\text{${String.fromCodePoint(parseInt(number, 16))}}`;
    return tex
      .replace(/\\unicode\{x([0-9a-f]{2,5})\}/gi, character)
      .replace(/(?<!\\)%/g, "\\%");
  }

  // What KaTeX does not understand stays as its author wrote it.
  async function typeset(root) {
    const formulas = all(".math:not([data-tex])", root);
    if (!formulas.length) return;
    const katex = await typesetter;
    for (const node of formulas) {
      if ("tex" in node.dataset) continue;
      const tex = node.textContent;
      const options = {
        displayMode: node.classList.contains("display"),
        maxExpand: 500,
        maxSize: 20,
        strict: "ignore",
        throwOnError: true,
        trust: false,
      };
      node.dataset.tex = tex;
      try {
        withStylesAsProperties(() => katex.render(forKatex(tex), node, options));
      } catch {
        node.textContent = tex;
      }
    }
  }

  function typesetWhatIsSeen() {
    document.addEventListener("toggle", (event) => typeset(event.target), true);
    const observer = new IntersectionObserver(
      (entries) => {
        for (const { isIntersecting, target } of entries) {
          if (!isIntersecting) continue;
          observer.unobserve(target);
          typeset(target);
        }
      },
      { rootMargin: "300px" },
    );
    for (const title of new Set(all("h3 .math").map((node) => node.closest("h3")))) {
      observer.observe(title);
    }
    for (const open of all("details[open]")) typeset(open);
  }

  // --- BibTeX ------------------------------------------------------------------------------------

  // BibTeX counts braces even behind a backslash, so that none may stand alone.
  const ESCAPES = {
    "\\": "\\textbackslash{}",
    "{": "\\textbraceleft{}",
    "}": "\\textbraceright{}",
    "^": "\\textasciicircum{}",
    "~": "\\textasciitilde{}",
    "<": "\\textless{}",
    ">": "\\textgreater{}",
    "|": "\\textbar{}",
    ...Object.fromEntries([..."$&%#_"].map((sign) => [sign, `\\${sign}`])),
  };
  const escape = (text) => text.replace(/[\\{}^~<>|$&%#_]/g, (sign) => ESCAPES[sign]);

  // Styles write titles in lower case, but for what stands in braces.
  function protect(words) {
    return words.replace(/[^\s-]+/gu, (word) =>
      /^.+\p{Lu}/u.test(word) ? `{${escape(word)}}` : escape(word),
    );
  }

  function titleOf(node) {
    return [...node.childNodes]
      .map((child) => {
        if (!child.classList?.contains("math")) return protect(child.textContent);
        const tex = child.dataset.tex ?? child.textContent;
        return `{$${tex.replace(/\\\{/g, "\\lbrace ").replace(/\\\}/g, "\\rbrace ")}$}`;
      })
      .join("");
  }

  // A name with a comma, or of a group, is not to be taken apart into first and last names.
  function author(name) {
    const isWhole = /,|\b(?:and|collaboration|consortium|group|team)\b/i.test(name);
    return isWhole ? `{${escape(name)}}` : escape(name);
  }

  function keyOf(authors, year, title) {
    const letters = (text) => fold(text).replace(/[^a-z0-9]/g, "");
    const last = letters((authors[0] ?? "").split(" ").at(-1) ?? "") || "arxiv";
    const words = fold(title).split(/[^a-z0-9]+/);
    return last + year + (words.find((word) => word.length > 3) ?? "");
  }

  function bibtex(article) {
    const title = one("h3 a", article);
    const authors = all(".authors span", article).map((span) => span.textContent);
    const [year] = one(".submitted time", article).dateTime.split("-");
    const doi = one(".doi", article)?.href.replace("https://doi.org/", "");
    const fields = {
      title: titleOf(title),
      author: authors.map(author).join(" and "),
      year,
      eprint: article.id,
      archivePrefix: "arXiv",
      primaryClass: escape(one(".primary", article).textContent),
      ...(doi && { doi: decodeURIComponent(doi).replace(/[{}]/g, encodeURIComponent) }),
      url: `https://arxiv.org/abs/${article.id}`,
    };
    const lines = Object.entries(fields).map(([name, value]) => `  ${name} = {${value}},\n`);
    return `@misc{${keyOf(authors, year, source(title))},\n${lines.join("")}}\n`;
  }

  async function copy(text) {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    // Only pages of https and of this machine have the clipboard; the old way works elsewhere.
    const area = make("textarea", { className: "unseen", value: text });
    document.body.append(area);
    area.select();
    const isCopied = document.execCommand("copy");
    area.remove();
    if (!isCopied) throw new Error("The browser does not copy.");
  }

  function offerBibtex() {
    document.addEventListener("click", async (event) => {
      const button = event.target.closest(".bibtex");
      if (!button) return;
      const article = button.closest("article");
      try {
        await copy(bibtex(article));
        button.textContent = "Copied";
        said.textContent = `Copied BibTeX of ${one("h3", article).textContent}`;
      } catch {
        button.textContent = "Not copied";
        said.textContent = "The browser did not let the page copy.";
      }
      setTimeout(() => {
        button.textContent = "BibTeX";
        said.textContent = "";
      }, 2000);
    });
  }

  // -----------------------------------------------------------------------------------------------

  document.documentElement.classList.add("js");
  document.body.append(said);
  makeTabs();
  makeSearch();
  findNew();
  offerBibtex();
  if (isOurs()) recall();
  else choose(tabs[0]); // The address names a paper.
  typesetWhatIsSeen();
  addEventListener("hashchange", () => isOurs() && recall());
})();
