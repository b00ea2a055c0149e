// The papers that are here, in the order of the list: those of the page, and older ones as they come.
import { Paper } from "./record.js";

export class Papers {
  #papers;
  #known;
  #ranks;
  #kept = new Map();
  found = new Map(); // What a search found in the archive, beside those that are here.

  // Args: the papers of the page in their order, how many there are in all, and the date that orders
  // them.
  constructor(papers, { total, sortBy }) {
    this.#papers = papers;
    this.#known = new Map(papers.map((paper) => [paper.id, paper]));
    this.#ranks = new Map(papers.map((paper, rank) => [paper, rank]));
    this.total = total;
    this.sortBy = sortBy;
  }

  get all() {
    return this.#papers;
  }

  has(id) {
    return this.#known.has(id);
  }

  // Whether all papers are here, so that the archive has no others.
  get isWhole() {
    return this.#papers.length >= this.total;
  }

  byDate = (one, other) => {
    const [a, b] = [one.data[this.sortBy], other.data[this.sortBy]];
    if (a !== b) return a < b ? 1 : -1;
    const [first, second] = [this.#ranks.get(one) ?? Infinity, this.#ranks.get(other) ?? Infinity];
    if (first !== second) return first - second;
    return one.id < other.id ? 1 : -1;
  };

  // Adds papers of a month, whose place in the archive they keep.
  add(more, place) {
    for (const read of more) {
      const other = this.#known.get(read.id);
      if (other) {
        if (read.data.withdrawn) other.data.withdrawn = true;
        continue;
      }
      // One that was found keeps its article: it may be open, or have the focus.
      const paper = this.found.get(read.id) ?? read;
      this.found.delete(read.id);
      paper.place = place;
      this.#known.set(paper.id, paper);
      this.#papers.push(paper);
    }
    this.#papers.sort(this.byDate);
  }

  // The paper of what the reader saved, whether it is here or not.
  saved(data) {
    if (this.#known.has(data.id)) return this.#known.get(data.id);
    if (!this.#kept.has(data.id)) this.#kept.set(data.id, new Paper(data));
    return this.#kept.get(data.id);
  }
}
