// The archive: older papers, a file a month, read line by line as they come.
import { fromRecord } from "./record.js";
import { fold, stem } from "./words.js";

const FORMAT = 1;

export class ArchiveError extends Error {}

async function fetched(name, signal) {
  let response;
  try {
    response = await fetch(name, { signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ArchiveError(`${name} could not be loaded.`);
  }
  if (!response.ok) throw new ArchiveError(`${name} could not be loaded (${response.status}).`);
  return response;
}

function checked(name, format) {
  if (format > FORMAT) {
    throw new ArchiveError(`${name} was written by a newer version; load this page again.`);
  }
}

export class Archive {
  months = [];
  withdrawn = new Set();
  #opening;

  // Reads which months there are, once.
  open() {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  async #open() {
    let index;
    try {
      index = await (await fetched("archive.json")).json();
    } catch (error) {
      if (error instanceof ArchiveError) throw error;
      throw new ArchiveError("archive.json is damaged.");
    }
    checked("archive.json", index?.format);
    const months = Array.isArray(index?.months) ? index.months : [];
    this.months = months.filter(({ name }) => /^\d{4}-\d\d(?:\.\d+)?$/.test(name));
    this.withdrawn = new Set(Array.isArray(index?.withdrawn) ? index.withdrawn : []);
  }

  // The papers of a month, in lists as they come.
  //
  // Args: the month's name, the terms that each paper must fit, by which most lines are passed over
  // without being read, and what stops it.
  async *read(name, terms, signal) {
    const isCandidate = prefilter(terms);
    const response = await fetched(`${name}.json`, signal);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    let isHead = true;
    let isWhole = false;
    for (;;) {
      const { done, value } = await reader.read();
      const lines = (rest + (value ?? "")).split("\n");
      rest = done ? "" : lines.pop();
      const papers = [];
      for (const line of lines) {
        if (isHead) {
          isHead = false;
          checked(`${name}.json`, Number(/"format":(\d+)/.exec(line)?.[1]));
        } else if (line === "]}") {
          isWhole = true;
        } else if (isCandidate(line)) {
          const paper = this.#paper(line);
          if (paper) papers.push(paper);
        }
      }
      if (papers.length) yield papers;
      if (done) break;
    }
    if (!isWhole) throw new ArchiveError(`${name}.json is incomplete.`);
  }

  #paper(line) {
    let data;
    try {
      data = JSON.parse(line.replace(/,$/, ""));
    } catch {
      return null;
    }
    const paper = fromRecord(data);
    if (paper && this.withdrawn.has(paper.id)) data.withdrawn = true;
    return paper;
  }
}

// Whether a line may hold what is looked for: it must have the beginning of each word.
function prefilter(terms) {
  const beginnings = terms.filter((term) => !term.isNot).flatMap((term) => term.words.map(beginning));
  if (!beginnings.length) return () => true;
  return (line) => {
    const folded = fold(line);
    return beginnings.every((letters) => folded.includes(letters));
  };
}

// What a word and its stem have in common: `stud` of study, studi.
function beginning(word) {
  const other = stem(word);
  let length = 0;
  while (length < word.length && word[length] === other[length]) length += 1;
  return word.slice(0, length);
}
