// What is looked for: words, "phrases", -without, and fields as arXiv's search names them.
import { beginning, stem, tokens } from "./words.js";

const FIELDS = {
  ti: "title",
  title: "title",
  au: "authors",
  author: "authors",
  abs: "abstract",
  abstract: "abstract",
  co: "comment",
  comment: "comment",
  jr: "journal",
  journal: "journal",
  cat: "categories",
  id: "id",
  topic: "topics",
};
// An id as it is copied: with its version, after `arXiv:`, in an address, or in a DOI of arXiv's.
const ID =
  /^(?:arxiv:|(?:https?:\/\/)?(?:\w+\.)?arxiv\.org\/\w+\/|(?:https?:\/\/doi\.org\/|doi:)?10\.48550\/arxiv\.)?(\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?\/\d{7})(?:v\d*)?(?:\.pdf)?$/iu;
const TERM = /(-?)(?:([a-z]+):)?(?:"([^"]*)("?)|(\S+))/giu;

// Phones type “phrases” with these; topics have the same (daily_papers/topics/query.py).
const QUOTES = /[“”„]/gu;

// A term is `{field, words, isNot, isOpen}`: all `words` side by side, in `field` or anywhere. The
// last word of an open term may go on, since it is still being typed. No term is there twice.
export function parse(query) {
  const text = query.replace(QUOTES, '"');
  const terms = new Map();
  for (const [whole, minus, name, phrase, closing, bare] of text.matchAll(TERM)) {
    const field = name && FIELDS[name.toLowerCase()];
    const value = phrase ?? bare;
    const words = tokens((name && !field ? `${name}:${value}` : value).replace(ID, "$1"));
    if (!words.length) continue;
    const isLast = text.endsWith(whole) && !closing;
    const term = { field, words, isNot: minus === "-", isOpen: isLast && !minus };
    terms.set(JSON.stringify(term), term);
  }
  return [...terms.values()];
}

// Texts as they are looked through: their words, then their stems, each between spaces. No phrase
// reaches over the border between two texts.
export function prepared(texts) {
  const lists = texts.map(tokens);
  const joined = (of) => ` ${lists.map((words) => of(words).join(" ")).join(" | ")} `;
  return { words: joined((words) => words), stems: joined((words) => words.map(stem)) };
}

const needles = new WeakMap();

function needlesOf(term) {
  let made = needles.get(term);
  if (!made) {
    const { words } = term;
    made = { begin: ` ${beginning(words[0])}`, words: ` ${words.join(" ")}`, stems: ` ${words.map(stem).join(" ")} ` };
    needles.set(term, made);
  }
  return made;
}

export function isIn(term, text) {
  const needle = needlesOf(term);
  // Most texts are through after one look.
  if (!text.words.includes(needle.begin)) return false;
  return (term.isOpen && text.words.includes(needle.words)) || text.stems.includes(needle.stems);
}

export function matches(record, terms) {
  return terms.every((term) => isIn(term, record.text(term.field)) !== term.isNot);
}

// Whether there is something to look for: what only leaves papers out is a filter of the list.
export const isSearch = (terms) => terms.some((term) => !term.isNot);

// Whether all that `terms` match is among what `others` match: a key may then look through less.
export function isNarrower(terms, others) {
  return others.every((other, place) => terms[place] !== undefined && implies(terms[place], other));
}

function implies(term, other) {
  const isAlike =
    term.field === other.field &&
    term.isNot === other.isNot &&
    term.words.length === other.words.length &&
    other.words.slice(0, -1).every((word, place) => word === term.words[place]);
  if (!isAlike) return false;
  const [word, begun] = [term.words.at(-1), other.words.at(-1)];
  if (word === begun) return other.isOpen || !term.isOpen;
  // What has the stem of the longer word begins with the shorter one, too.
  return other.isOpen && beginning(word).startsWith(begun);
}
