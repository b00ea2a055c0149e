// Marks what was found (CSS Custom Highlights: no element is added), and shows the sentence of a
// folded abstract in which it is.
import { all, make, one } from "./dom.js";
import { content } from "./card.js";
import { isIn } from "./query.js";
import { plain } from "./record.js";
import { places, stem } from "./words.js";

const isWord = (term, number, word) =>
  stem(word) === stem(term.words[number]) ||
  (term.isOpen && number === term.words.length - 1 && word.startsWith(term.words[number]));

// Where a term is in a text, as pairs of beginning and end.
function* found(term, words) {
  for (let place = 0; place + term.words.length <= words.length; place += 1) {
    if (!term.words.every((_, number) => isWord(term, number, words[place + number].word))) continue;
    yield [words[place].start, words[place + term.words.length - 1].end];
  }
}

const AREAS = {
  title: "h3",
  authors: ".authors",
  abstract: ".abstract, .snippet, .key",
  comment: ".comment",
  journal: ".journal",
  categories: ".about",
  topics: ".about",
  id: ".id",
};
const EVERYWHERE = Object.values(AREAS).join(", ");

function ranges(terms, article) {
  const made = [];
  for (const term of terms) {
    for (const area of all(term.field ? AREAS[term.field] : EVERYWHERE, article)) {
      const walker = document.createTreeWalker(area, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        if (node.parentElement.closest(".math")) continue;
        for (const [start, end] of found(term, [...places(node.data)])) {
          made.push(new StaticRange({ startContainer: node, startOffset: start, endContainer: node, endOffset: end }));
        }
      }
    }
  }
  return made;
}

// The sentence around a place of a text: its beginning and end.
function sentence(text, place) {
  const before = text.slice(0, place);
  const begin = Math.max(0, ...[...before.matchAll(/[.!?]\s+(?=\p{Lu})/gu)].map((m) => m.index + m[0].length));
  const after = /[.!?](?=\s+\p{Lu}|\s*$)/u.exec(text.slice(place));
  const end = after ? place + after.index + 1 : text.length;
  return [Math.max(begin, place - 200), Math.min(end, place + 300)];
}

// A part of a text, with its formulas and links whole.
function cut(text, begin, end) {
  const parts = [];
  let at = 0;
  for (const part of typeof text === "string" ? [text] : text) {
    const length = plain([part]).length;
    if (at < end && at + length > begin) {
      parts.push(typeof part === "string" ? part.slice(Math.max(0, begin - at), end - at) : part);
    }
    at += length;
  }
  return parts;
}

// Shows below a paper's head the sentence of its abstract that holds what nothing else shows.
function showSnippet(paper, article, terms) {
  one(".snippet", article)?.remove();
  const shown = ["title", "authors", "comment", "journal", "categories", "id", "topics"];
  const hidden = terms.find(
    (term) =>
      (!term.field || term.field === "abstract") &&
      isIn(term, paper.text("abstract")) &&
      (term.field || !shown.some((field) => isIn(term, paper.text(field)))),
  );
  if (!hidden) return;
  const text = plain(paper.data.abstract);
  const [place] = found(hidden, [...places(text)]);
  if (!place) return;
  const [begin, end] = sentence(text, place[0]);
  const parts = cut(paper.data.abstract, begin, end);
  const snippet = make("p", { class: "snippet" }, ...content(parts));
  if (begin > 0) snippet.prepend("… ");
  if (end < text.length) snippet.append(" …");
  one("details", article).before(snippet);
}

export function highlight(terms, papers) {
  const wanted = terms.filter((term) => !term.isNot);
  const made = [];
  for (const paper of papers) {
    if (wanted.length) showSnippet(paper, paper.node, wanted);
    else one(".snippet", paper.node)?.remove();
    if (wanted.length) made.push(...ranges(wanted, paper.node));
  }
  if (typeof Highlight !== "function") return; // Firefox has it since 140, Safari since 17.2.
  // There may be more than a call can have arguments.
  const marked = new Highlight();
  for (const range of made) marked.add(range);
  if (made.length) CSS.highlights.set("found", marked);
  else CSS.highlights.delete("found");
}
