// What a reader saved, read or put aside. It stays in this browser; a file takes it to another one.
import { fromRecord } from "./record.js";
import { keep, recall } from "./storage.js";

const KINDS = ["read", "hidden"];

export class Marks extends EventTarget {
  saved = new Map(); // paper data by id, so that what is saved is here whatever is loaded
  read = new Set();
  hidden = new Set();

  constructor() {
    super();
    this.#take(recall(":marks"));
    // Another tab may have changed them; a page that is left and comes back is not told of it.
    const refresh = () => {
      this.#refresh();
      this.dispatchEvent(new Event("change"));
    };
    addEventListener("storage", (event) => event.key?.endsWith(":marks") && refresh());
    addEventListener("pageshow", (event) => event.persisted && refresh());
  }

  // Takes what the browser keeps, unless it did not keep what was marked here.
  #refresh() {
    const kept = recall(":marks");
    if (kept === null || this.isKept === false) return;
    this.saved.clear();
    for (const kind of KINDS) this[kind].clear();
    this.#take(kept);
  }

  toggleSaved(paper) {
    this.#refresh();
    if (!this.saved.delete(paper.id)) this.saved.set(paper.id, paper.data);
    this.#changed();
    return this.saved.has(paper.id);
  }

  toggle(kind, paper) {
    this.#refresh();
    if (!this[kind].delete(paper.id)) this[kind].add(paper.id);
    this.#changed();
    return this[kind].has(paper.id);
  }

  setRead(paper) {
    if (!this.read.has(paper.id)) this.toggle("read", paper);
  }

  showHidden() {
    this.#refresh();
    this.hidden.clear();
    this.#changed();
  }

  toText() {
    return `${JSON.stringify({ format: "daily-papers marks 1", ...this.#values() }, null, 1)}\n`;
  }

  // Adds the marks of a file, and gives how many papers it saved; it throws where it is none.
  fromText(text) {
    const value = JSON.parse(text);
    if (!String(value?.format).startsWith("daily-papers marks")) throw new Error("not marks");
    this.#refresh();
    const count = this.#take(value);
    this.#changed();
    return count;
  }

  #values() {
    return {
      saved: [...this.saved.values()],
      ...Object.fromEntries(KINDS.map((kind) => [kind, [...this[kind]]])),
    };
  }

  #take(value) {
    let count = 0;
    for (const data of Array.isArray(value?.saved) ? value.saved : []) {
      const paper = fromRecord(data);
      if (!paper) continue;
      this.saved.set(paper.id, paper.data);
      count += 1;
    }
    for (const kind of KINDS) {
      for (const id of Array.isArray(value?.[kind]) ? value[kind] : []) {
        if (typeof id === "string") this[kind].add(id);
      }
    }
    return count;
  }

  #changed() {
    this.isKept = keep(":marks", this.#values());
    this.dispatchEvent(new Event("change"));
  }
}
