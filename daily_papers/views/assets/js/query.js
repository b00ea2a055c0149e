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
const TERM = /(-?)(?:([a-z]+):)?(?:"([^"]*)("?)|(\S+))/giu;

// A term is `{field, words, isNot, isOpen}`: all `words` side by side, in `field` or anywhere. The
// last word of an open term may go on, since it is still being typed.
export function parse(text) {
  const terms = [];
  for (const [whole, minus, name, phrase, closing, bare] of text.matchAll(TERM)) {
    const field = name && FIELDS[name.toLowerCase()];
    const value = phrase ?? bare;
    const words = tokens(name && !field ? `${name} ${value}` : value);
    if (!words.length) continue;
    const isLast = text.endsWith(whole) && !closing;
    terms.push({ field, words, isNot: minus === "-", isOpen: isLast && !minus });
  }
  return terms;
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
