// The archive: older papers, a file a month, read line by line as they come; or only the pages of it
// in which the word index has what is looked for.
import { lines, PAGE } from "./pages.js";
import { fromRecord } from "./record.js";
import { isCount, places, volumesOf } from "./volumes.js";
import { beginning, fold } from "./words.js";

const FORMAT = 1;
const REACH = 4096; // Bytes of a paper that may be in the page after the one in which it begins.
const AHEAD = 6; // How many parts are asked for at once.
const GAP = 6; // Pages between two parts that cost no more time than another request.
const MOST = 32; // Pages of a part, so that the first papers in it are soon shown.

export class ArchiveError extends Error {}

async function fetched(name, options) {
  let response;
  try {
    response = await fetch(name, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ArchiveError(`${name} could not be loaded.`);
  }
  if (!response.ok) throw new ArchiveError(`${name} could not be loaded (${response.status}).`);
  return response;
}

const MONTH = /^\d{4}-(?:0[1-9]|1[0-2])(?:\.\d+)?$/;
const isMonth = (month) => typeof month?.name === "string" && MONTH.test(month.name) && isCount(month.papers);
const monthName = new Intl.DateTimeFormat("en", { timeZone: "UTC", month: "long", year: "numeric" });

// The name of a month's file for readers: `May 2026` for `2026-05.2`.
export const named = (name) => monthName.format(new Date(`${name.slice(0, 7)}-01T00:00:00Z`));

function checked(name, format) {
  if (format > FORMAT) {
    throw new ArchiveError(`${name} was written by a newer version; load this page again.`);
  }
}

export class Archive {
  months = [];
  withdrawn = new Set();
  #volumes = [];
  #opening;

  // Reads which months there are, once; after a failure, it is tried again.
  open() {
    this.#opening ??= this.#open().catch((error) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  async #open() {
    let index;
    try {
      // An old copy in the browser's cache would not fit the other files.
      index = await (await fetched("archive.json", { cache: "no-cache" })).json();
    } catch (error) {
      if (error instanceof ArchiveError) throw error;
      throw new ArchiveError("archive.json is damaged.");
    }
    checked("archive.json", index?.format);
    if (!Array.isArray(index?.months) || !index.months.every(isMonth)) {
      throw new ArchiveError("archive.json is damaged.");
    }
    this.months = index.months;
    this.withdrawn = new Set(Array.isArray(index.withdrawn) ? index.withdrawn : []);
    this.#volumes = volumesOf(index.words);
  }

  // Looks for papers that may fit `terms`, in the order in which they can be found: first where the
  // index has them, then in the months of which it knows nothing. Each `{month, papers}` has some
  // papers of a month, `{month, error}` says why there are none, and `left` of each says how many
  // months are not searched to their end.
  async *search(months, terms, signal) {
    const known = await places(terms, this.#volumes);
    const jobs = months.flatMap((month) => this.#jobs(month, known.get(month.name)));
    const soon = jobs.filter((job) => job.pages).slice(0, AHEAD);
    const order = [...soon, ...jobs.filter((job) => !soon.includes(job))];
    const open = new Map();
    for (const { month } of order) open.set(month, (open.get(month) ?? 0) + 1);
    const isCandidate = prefilter(terms);
    const whole = new Set(); // The months that are read whole, since a part could not be had.
    for (const [place, job] of order.entries()) {
      const { month } = job;
      for (const next of order.slice(place, place + AHEAD)) {
        if (next.pages && !whole.has(next.month)) this.#begin(next, signal);
      }
      try {
        if (!job.pages) {
          for await (const papers of this.#stream(month.name, isCandidate, signal)) {
            yield { month, papers, left: open.size };
          }
        } else if (!whole.has(month)) {
          const papers = this.#candidates(await job.reading, isCandidate);
          if (papers.length) yield { month, papers, left: open.size };
        }
      } catch (error) {
        if (signal.aborted) return;
        if (job.pages) {
          whole.add(month);
          order.push({ month });
          open.set(month, open.get(month) + 1);
        } else yield { month, error, left: open.size };
      }
      if (open.get(month) === 1) open.delete(month);
      else open.set(month, open.get(month) - 1);
      yield { month, papers: [], left: open.size };
    }
  }

  // What is to be read of a month: parts, the newest first; or all of it where nothing is known or
  // that is less. (Only whole files are compressed, to about a third.)
  #jobs(month, known) {
    if (!known) return [{ month }];
    const parts = [];
    for (const page of known.pages) {
      const last = parts.at(-1);
      if (last && page - last[1] <= GAP && page - last[0] < MOST) last[1] = page;
      else parts.push([page, page]);
    }
    const cost = parts.reduce((sum, [first, last]) => sum + (last - first + 3) * PAGE + REACH, 0);
    if (cost > known.bytes / 3) return [{ month }];
    return parts.reverse().map((pages) => ({ month, pages, bytes: known.bytes }));
  }

  #begin(job, signal) {
    if (job.reading) return;
    job.reading = lines(`${job.month.name}.json`, job.bytes, ...job.pages, REACH, signal);
    job.reading.catch(() => {}); // Whoever awaits it will hear of it.
  }

  // The papers of a month, in lists as they come.
  read(name) {
    return this.#stream(name, () => true);
  }

  async *#stream(name, isCandidate, signal) {
    const response = await fetched(`${name}.json`, { signal });
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    let isHead = true;
    let isWhole = false;
    for (;;) {
      const { done, value } = await reader.read().catch((error) => {
        if (signal?.aborted) throw error;
        throw new ArchiveError(`${name}.json is incomplete.`); // The connection was cut.
      });
      const found = (rest + (value ?? "")).split("\n");
      rest = done ? "" : found.pop();
      if (isHead && found.length) {
        isHead = false;
        checked(`${name}.json`, Number(/"format":(\d+)/.exec(found.shift())?.[1]));
      }
      isWhole ||= found.includes("]}");
      const papers = this.#candidates(found, isCandidate);
      if (papers.length) yield papers;
      if (done) break;
    }
    if (!isWhole) throw new ArchiveError(`${name}.json is incomplete.`);
  }

  // The papers of lines; the first and the last line of a file are none.
  #candidates(found, isCandidate) {
    return found.map((line) => this.#paper(line)).filter((paper) => paper && isCandidate(paper));
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

// Whether a paper may fit: it must have the beginning of each word. That takes less time than to find
// the stems of all its words.
function prefilter(terms) {
  const beginnings = terms.filter((term) => !term.isNot).flatMap((term) => term.words.map(beginning));
  return (paper) => {
    const folded = fold(paper.texts.join("\n"));
    return beginnings.every((letters) => folded.includes(letters));
  };
}
