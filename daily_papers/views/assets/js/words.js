// Texts as words that can be compared: case, accents and endings do not matter, as in arXiv's own
// search (Elasticsearch's `english` analyzer, which stems as Porter does).
import { stemmer } from "../stemmer/index.js";

// Letters that Unicode does not take apart into a plain one and its accent.
const LETTERS = { ß: "ss", æ: "ae", œ: "oe", ø: "o", đ: "d", ð: "d", þ: "th", ł: "l", ı: "i" };
const LETTER = /[ßæœøđðþłı]/g;
const MARKS = /\p{M}+/gu;
// Chinese and Japanese have no spaces between words: each character is one, as in arXiv's search.
const WORD = /[\p{sc=Han}\p{sc=Hira}]|(?:(?![\p{sc=Han}\p{sc=Hira}])[\p{L}\p{N}])+/gu;
// The same words where they are not folded, with their accents.
const PLACE = /[\p{sc=Han}\p{sc=Hira}]\p{M}*|(?:(?![\p{sc=Han}\p{sc=Hira}])[\p{L}\p{N}\p{M}])+/gu;
// The same words of a text of ASCII, found faster.
const PLAIN_WORD = /[a-z0-9]+/g;
const PLAIN = /^[\x00-\x7f]*$/;

export function fold(text) {
  if (PLAIN.test(text)) return text.toLowerCase();
  const apart = text.normalize("NFKD").toLowerCase();
  return apart.replace(MARKS, "").replace(LETTER, (letter) => LETTERS[letter]);
}

// The words of a text in order, folded.
export function tokens(text) {
  const folded = fold(text);
  return folded.match(PLAIN.test(folded) ? PLAIN_WORD : WORD) ?? [];
}

const stems = new Map();

export function stem(word) {
  let found = stems.get(word);
  if (found === undefined) {
    // A word of 5,000 letters is no word of a language.
    found = word.length < 40 ? stemmer(word) : word;
    stems.set(word, found);
  }
  return found;
}

// What all words begin with that have the same stem: `stud` of study, `fil` of file and filing,
// `capab` of capable and capability.
export function beginning(word) {
  return stem(word).replace(/(?<=b)le?$|[ei]$/, "");
}

// Each word of a text with its place in it, for whoever marks what was found.
export function* places(text) {
  for (const found of text.matchAll(PLACE)) {
    const [word] = fold(found[0]).match(WORD) ?? [""];
    yield { word, start: found.index, end: found.index + found[0].length };
  }
}
