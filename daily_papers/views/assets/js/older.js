// Older papers: a month of the archive after the other, as the reader comes to the end of the list.
import { named } from "./archive.js";

const ALL = "These are all papers since the first run.";

export class Older {
  loaded = new Set(); // the months of which all papers are here
  #failed = new Map(); // Why months could not be loaded, by name: the list goes on without them.
  #isLoading = false;
  #said = "";

  // Args: the archive, the papers that are here, where to say how it goes, whether the list is what is
  // asked for (a search says how it goes in the same place), which months may have what is asked for,
  // and whom to tell that papers came.
  constructor({ archive, papers, end, isListed, isWanted, onLoad }) {
    this.archive = archive;
    this.papers = papers;
    this.end = end;
    this.isListed = isListed;
    this.isWanted = isWanted;
    this.onLoad = onLoad;
  }

  #say(text) {
    this.#said = text;
    if (this.isListed()) this.end.textContent = text;
  }

  #isMissing({ name }) {
    return !this.loaded.has(name) && !this.#failed.has(name);
  }

  // How many months, from the newest one, are here without a gap.
  contiguous() {
    const { months } = this.archive;
    const missing = months.findIndex((month) => this.#isMissing(month));
    return missing < 0 ? months.length : missing;
  }

  // Loads the next month that the list has not, where the reader has come to its end.
  async loadMore() {
    const { archive, papers } = this;
    if (!papers.total) return;
    if (this.#isLoading) {
      this.#say(this.#said); // A search that was begun and given up has taken it away.
      return;
    }
    if (papers.isWhole) {
      if (this.loaded.size) this.#say(ALL);
      return;
    }
    this.#isLoading = true;
    try {
      await archive.open();
      const month = archive.months.find((item) => this.#isMissing(item) && this.isWanted(item));
      if (!month) {
        this.#say([...this.#failed.values()].join(" ") || ALL);
        return;
      }
      this.#say(`Loading ${named(month.name)} …`);
      try {
        for await (const more of archive.read(month.name)) papers.add(more, archive.months.indexOf(month));
        this.loaded.add(month.name);
        this.#say(papers.isWhole ? ALL : "");
      } catch (error) {
        this.#failed.set(month.name, error.message);
        this.#say(error.message);
      }
      this.onLoad();
    } catch (error) {
      this.#say(error.message);
    } finally {
      this.#isLoading = false;
    }
  }
}
