// The list of papers under their days. Only what can be seen soon is in the document; more comes as
// the reader scrolls.
import { make, one } from "./dom.js";
import { day } from "./card.js";
import { afterPainting } from "./painting.js";
import { isRevised } from "./record.js";

const AT_ONCE = 10;
const IN_VIEW = 5; // What a key waits for.
const NEAR = 200; // How many papers that come may push one with the focus down, and it stays.

export class List {
  #root;
  #end;
  #papers = [];
  #rendered = 0;
  #newOf = new Map();
  #nodeOf;

  // Args: where the days are, what follows them, the date that orders them, how a paper becomes a
  // node, and whom to ask for more papers at the end.
  constructor({ root, end, sortBy, nodeOf, onEnd, onRender }) {
    this.#root = root;
    this.#end = end;
    this.#nodeOf = nodeOf;
    this.dayOf = (paper) => paper.data[sortBy];
    this.onEnd = onEnd;
    this.onRender = onRender;
    new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && this.#more(),
      { rootMargin: "1200px" },
    ).observe(end);
  }

  get papers() {
    return this.#papers;
  }

  // The nodes in the document, in order.
  get nodes() {
    return [...this.#root.querySelectorAll("article")];
  }

  // Takes the page as it came.
  adopt(papers) {
    for (const section of this.#root.children) {
      section.dataset.day = section.querySelector("time").dateTime;
    }
    this.#papers = papers;
    this.#rendered = papers.length;
    this.#watch();
  }

  // Shows `papers`: as many of them as before or, where they are looked at from their beginning
  // (`isAnew`), no more than are in view; others after those are painted. What stays in its place is
  // not touched.
  show(papers, { byDay = true, isAnew = false } = {}) {
    const focused = document.activeElement;
    const before = this.#papers.slice(0, this.#rendered);
    const focusedAt = this.#root.contains(focused) ? papers.findIndex((paper) => paper.node?.contains(focused)) : -1;
    const isOther = byDay !== this.byDay;
    const changed = isOther ? 0 : before.findIndex((paper, place) => paper !== papers[place]);
    this.#papers = papers;
    this.byDay = byDay;
    this.#countNew();
    if (changed >= 0) this.#cut(changed);
    if (byDay) for (const section of this.#root.children) this.#tellNew(section.firstElementChild, section.dataset.day);
    const count = isAnew ? IN_VIEW : Math.max(AT_ONCE, before.length);
    this.#render(focusedAt < count + NEAR ? Math.max(count, focusedAt + 1) : count);
    // What was taken out and put back has lost the focus.
    if (focused !== document.activeElement && this.#root.contains(focused)) focused.focus({ preventScroll: true });
    this.#watch();
  }

  // Takes out all papers but the first `count` that are in the document.
  #cut(count) {
    this.#rendered = count;
    if (!count) {
      this.#root.replaceChildren();
      return;
    }
    for (const node of this.nodes.slice(count)) node.remove();
    for (const section of [...this.#root.children]) {
      if (!section.querySelector("article")) section.remove();
    }
  }

  #countNew() {
    this.#newOf = new Map();
    for (const paper of this.#papers) {
      if (!paper.data.new || isRevised(paper.data)) continue;
      const when = this.dayOf(paper);
      this.#newOf.set(when, (this.#newOf.get(when) ?? 0) + 1);
    }
  }

  // Brings a paper of the list into the document, and gives its node.
  reveal(id) {
    const place = this.#papers.findIndex((paper) => paper.id === id);
    if (place < 0) return null;
    if (place >= this.#rendered) this.#render(place + 10);
    return this.#nodeOf(this.#papers[place]);
  }

  byDay = true;

  #render(count) {
    const more = this.#papers.slice(this.#rendered, count);
    let section = this.#root.lastElementChild;
    for (const paper of more) {
      const when = this.byDay ? this.dayOf(paper) : "";
      if (!section || section.dataset.day !== when) {
        section = make("section", { "data-day": when });
        if (this.byDay) section.append(this.#heading(when));
        this.#root.append(section);
      }
      section.append(this.#nodeOf(paper));
    }
    this.#rendered += more.length;
  }

  #heading(when) {
    const heading = make("h2", {}, day(when, true));
    this.#tellNew(heading, when);
    return heading;
  }

  // Says in the heading of a day how many of its papers are new.
  #tellNew(heading, when) {
    const count = this.#newOf.get(when);
    const text = count ? `${count.toLocaleString("en")} new` : "";
    const number = one(".number", heading);
    if (text === (number?.textContent ?? "")) return;
    number?.remove();
    if (text) heading.append(make("span", { class: "number" }, text));
  }

  #more() {
    if (this.#rendered < this.#papers.length) {
      this.#render(this.#rendered + AT_ONCE);
      this.onRender();
      this.#watch();
    } else {
      this.onEnd();
    }
  }

  // Asks again, after the next painting, where what was added did not fill the window.
  #watch = afterPainting(() => {
    if (this.#end.getBoundingClientRect().top < innerHeight + 1200) this.#more();
  });
}
