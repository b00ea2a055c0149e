// The topics as tabs: https://www.w3.org/WAI/ARIA/apg/patterns/tabs/
import { all, one } from "./dom.js";

export class Topics {
  #tabs;
  #strip = one("#topics");

  constructor(onChoose) {
    this.onChoose = onChoose;
    const items = all("li", this.#strip);
    const hasAll = items.length > 1;
    this.headings = items.slice(hasAll ? 1 : 0).map((item) => one(".name", item).textContent);
    this.numbers = new Map(this.headings.map((heading, number) => [heading, number]));
    this.#tabs = items.map((node, place) => {
      node.setAttribute("role", "tab");
      node.setAttribute("aria-controls", "list");
      node.id = `tab-${place}`;
      // The only topic is all of them.
      const name = place ? one(".name", node).textContent : "";
      return { node, name, number: one(".number", node), whole: one(".number", node).textContent };
    });
    this.#strip.setAttribute("role", "tablist");
    this.#strip.setAttribute("aria-label", "Topics");
    one("#list").setAttribute("role", "tabpanel");
    this.#turn();
    this.#listen();
    this.#mark(this.#tabs[0]);
  }

  // The heading that is chosen; empty for all topics.
  get chosen() {
    return this.#chosen?.name ?? "";
  }

  #chosen;

  // Chooses a heading; one that no topic has is all of them.
  choose(name) {
    const tab = this.#tabs.find((tab) => tab.name === name) ?? this.#tabs[0];
    if (!tab || tab === this.#chosen) return;
    this.#mark(tab);
    this.#show(tab);
    this.#hideOthers();
    this.onChoose();
  }

  // Shows how many papers of each topic match; all that there are where nothing is looked for.
  count(papers) {
    const found = new Map();
    for (const paper of papers ?? []) {
      for (const heading of paper.data.topics ?? []) found.set(heading, (found.get(heading) ?? 0) + 1);
    }
    for (const { name, number, whole } of this.#tabs) {
      const count = name ? (found.get(name) ?? 0) : (papers?.length ?? 0);
      const text = papers ? count.toLocaleString("en") : whole;
      if (number.textContent !== text) number.textContent = text;
    }
  }

  #mark(chosen) {
    this.#chosen = chosen;
    for (const { node } of this.#tabs) {
      node.setAttribute("aria-selected", String(node === chosen.node));
      node.tabIndex = node === chosen.node ? 0 : -1;
    }
    one("#list").setAttribute("aria-labelledby", chosen.node.id);
  }

  #show({ node }) {
    const strip = this.#strip;
    const [left, right] = [node.offsetLeft - 40, node.offsetLeft + node.offsetWidth + 40];
    if (left < strip.scrollLeft) strip.scrollLeft = left;
    else if (right > strip.scrollLeft + strip.clientWidth) strip.scrollLeft = right - strip.clientWidth;
  }

  // Hides what the page says of other topics: their states and trends.
  #hideOthers() {
    for (const node of all("[data-topics]:not(article)")) {
      const isOther = node.dataset.topics !== String(this.numbers.get(this.chosen));
      node.hidden = this.chosen !== "" && isOther;
    }
  }

  #isWide = matchMedia("(min-width: 62rem)");

  #turn() {
    const turn = () => {
      this.#strip.setAttribute("aria-orientation", this.#isWide.matches ? "vertical" : "horizontal");
    };
    this.#isWide.addEventListener("change", turn);
    turn();
  }

  #listen() {
    this.#strip.addEventListener("click", (event) => {
      const tab = this.#tabs.find(({ node }) => node.contains(event.target));
      if (tab) this.choose(tab.name);
    });
    this.#strip.addEventListener("keydown", (event) => {
      const here = this.#tabs.findIndex(({ node }) => node === document.activeElement);
      const wide = this.#isWide.matches;
      const [back, forth] = wide ? ["ArrowUp", "ArrowDown"] : ["ArrowLeft", "ArrowRight"];
      const last = this.#tabs.length - 1;
      const steps = { [back]: here - 1, [forth]: here + 1, Home: 0, End: last };
      if (here < 0 || !(event.key in steps)) return;
      event.preventDefault();
      const tab = this.#tabs.at(steps[event.key] % this.#tabs.length);
      this.choose(tab.name);
      tab.node.focus();
    });
  }
}
