// A paper: from its article in the page, or from a line of the archive. Texts are strings, or lists
// of strings, formulas `{tex, display}` and links `{text, url}`; docs/archive.md describes them.
import { all, one } from "./dom.js";
import { prepared } from "./query.js";

export const plain = (text = "") =>
  typeof text === "string"
    ? text
    : text.map((part) => (typeof part === "string" ? part : (part.tex ?? part.text))).join("");

// Whether a paper is a later version than the one that was told as new; if none was, any version
// after the first. `Snapshot.is_revised` is the same rule.
export const isRevised = (data) => data.version > 1 && !(data.new && data.updated <= data.seen);

// What is looked through where no field is named, in the order of what matters.
const FIELDS = ["title", "authors", "abstract", "comment", "journal", "categories", "id", "topics"];

export class Paper {
  #prepared = new Map();

  constructor(data, node = null) {
    this.data = data;
    this.node = node;
    this.isFresh = false;
  }

  get id() {
    return this.data.id;
  }

  // The text of a field, or of all, as it is searched. Made when it is first asked for.
  text(field = "") {
    let text = this.#prepared.get(field);
    if (!text) {
      text = prepared(field ? this.#texts(field) : this.texts);
      this.#prepared.set(field, text);
    }
    return text;
  }

  // All that is looked through where no field is named.
  get texts() {
    return FIELDS.flatMap((field) => this.#texts(field));
  }

  #texts(field) {
    const value = this.data[field];
    if (field === "authors" || field === "topics") return value ?? [];
    if (field === "categories") return [(value ?? []).join(" ")];
    return [plain(value)];
  }
}

// --- From a line of the archive -----------------------------------------------------------------

const isText = (value) =>
  value === undefined ||
  typeof value === "string" ||
  (Array.isArray(value) &&
    value.every(
      (part) =>
        typeof part === "string" ||
        typeof part?.tex === "string" ||
        (typeof part?.text === "string" && isAddress(part?.url)),
    ));
const isAddress = (value) => typeof value === "string" && /^(?:https?|ftp):\/\//i.test(value);
const isNames = (value) => Array.isArray(value) && value.every((name) => typeof name === "string");
const isDay = (value) =>
  typeof value === "string" && /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value));
const ARXIV_ID = /^(?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?\/\d{7})$/;

// The paper of a record, or null where a record is not what it should be: a file of the archive may
// be half written, or changed by anybody.
export function fromRecord(data) {
  const isGood =
    data !== null &&
    typeof data === "object" &&
    typeof data.id === "string" &&
    ARXIV_ID.test(data.id) &&
    Number.isSafeInteger(data.version) &&
    data.version > 0 &&
    [data.title, data.abstract, data.key, data.comment, data.journal].every(isText) &&
    data.title !== undefined &&
    isDay(data.published) &&
    isDay(data.updated) &&
    (data.seen === undefined || isDay(data.seen)) &&
    [data.topics ?? [], data.authors ?? [], data.categories ?? []].every(isNames) &&
    (data.code === undefined || isAddress(data.code)) &&
    (data.doi === undefined || typeof data.doi === "string");
  return isGood ? new Paper(data) : null;
}

// --- From an article ----------------------------------------------------------------------------

// A text with the source of its formulas, typeset or not.
function textOf(node) {
  if (!node) return undefined;
  const parts = [...node.childNodes].map((child) => {
    if (child.classList?.contains("math")) {
      const tex = child.dataset.tex ?? child.textContent;
      return child.classList.contains("display") ? { tex, display: true } : { tex };
    }
    return child.localName === "a"
      ? { text: child.textContent, url: child.getAttribute("href") }
      : child.textContent;
  });
  return parts.every((part) => typeof part === "string") ? parts.join("") : parts;
}

const textsOf = (nodes) => nodes.map((node) => node.textContent);

export function fromArticle(node, headings) {
  const days = all(".submitted time", node).map((time) => time.dateTime);
  const doi = one(".doi", node)?.getAttribute("href").replace("https://doi.org/", "");
  return new Paper(
    {
      id: node.dataset.id,
      version: Number(node.dataset.version ?? 1),
      seen: node.dataset.new,
      new: "new" in node.dataset,
      match: node.dataset.match && Number(node.dataset.match),
      topics: node.dataset.topics.split(" ").filter(Boolean).map((number) => headings[number]),
      title: textOf(one("h3 a", node)),
      authors: textsOf(all(".authors a", node)),
      abstract: textOf(one(".abstract", node)),
      key: textOf(one(".key", node)),
      comment: textOf(one(".comment", node)),
      journal: textOf(one(".journal", node)),
      doi: doi && decodeURIComponent(doi),
      code: one(".code", node)?.getAttribute("href"),
      categories: textsOf(all(".about a", node)),
      published: days[0],
      updated: days.at(-1),
      withdrawn: one(".about strong", node) !== null,
    },
    node,
  );
}
