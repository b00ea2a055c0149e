// A search of the archive, for what is not loaded, and a line that says how far it is.
import { named } from "./archive.js";
import { make } from "./dom.js";
import { isSearch, matches } from "./query.js";

export class Scan {
  isScanned = true;
  #foundFor = "";
  #done = null;
  #scan = new AbortController();

  // Args: the archive, the papers that are here, where to say how it goes, which months may have what
  // is asked for and is not here, and whom to tell that papers were found, or that it is over.
  constructor({ archive, papers, end, isWanted, onFind }) {
    this.archive = archive;
    this.papers = papers;
    this.end = end;
    this.isWanted = isWanted;
    this.onFind = onFind;
  }

  // Whether the last search that came to its end found this, too. One of all topics has also found
  // what each topic has.
  isDone({ query, topic }) {
    return this.#done?.query === query && ["", topic].includes(this.#done.topic);
  }

  // Looks through the months that are not loaded, newest first, as long as nothing else is asked for.
  // Without terms to look for, it only ends the search before.
  async search({ query, topic, terms }) {
    const { archive, papers, end } = this;
    const { found } = papers;
    this.#scan.abort();
    const scan = new AbortController();
    this.#scan = scan;
    const { signal } = scan;
    // What was found before and fits stays, instead of going away until it is found again.
    if (this.#foundFor !== query) {
      for (const [id, paper] of found) if (!isSearch(terms) || !matches(paper, terms)) found.delete(id);
    }
    this.#foundFor = query;
    this.#done = null;
    this.isScanned = true;
    end.replaceChildren();
    if (!isSearch(terms) || papers.isWhole) return;
    const stop = make("button", { type: "button", class: "chip" }, "Stop");
    const progress = make("span", { role: "status" });
    stop.addEventListener("click", () => {
      scan.abort();
      progress.textContent = `${progress.textContent} Stopped.`;
      stop.remove();
    });
    const problems = [];
    try {
      this.isScanned = false;
      const opening = archive.open();
      opening.catch(() => {}); // It is awaited below.
      // A key may follow at once.
      await new Promise((resolve) => setTimeout(resolve, 150));
      if (signal.aborted) return;
      progress.textContent = "Searching …";
      end.replaceChildren(progress, " ", stop);
      await opening;
      if (signal.aborted) return;
      const months = archive.months.filter((month) => this.isWanted(month));
      progress.textContent = `Searching ${months.length} months …`;
      for await (const { month, papers: more, error, left } of archive.search(months, terms, signal)) {
        if (signal.aborted) return;
        if (error) problems.push(error.message);
        const hits = (more ?? []).filter((paper) => !papers.has(paper.id) && matches(paper, terms));
        for (const paper of hits) if (!found.has(paper.id)) found.set(paper.id, paper);
        if (hits.length) this.onFind();
        progress.textContent = `Searching ${named(month.name)}, ${left} of ${months.length} months left …`;
      }
      if (signal.aborted) return;
      this.#done = { query, topic };
      const papersSearched = months.reduce((sum, month) => sum + month.papers, 0);
      const last = months.at(-1);
      end.textContent = last
        ? [`Searched ${papersSearched.toLocaleString("en")} papers, back to ${named(last.name)}.`, ...problems].join(" ")
        : "";
    } catch (error) {
      if (signal.aborted) return;
      end.textContent = error.message;
    } finally {
      if (!signal.aborted) {
        this.isScanned = true;
        this.onFind();
      }
    }
  }
}
