// The word index of the archive: in which pages of which months a word is. docs/archive.md describes
// its files.
import { lines, NoPartError, PAGE } from "./pages.js";
import { beginning, stem } from "./words.js";

const LONGEST = 32; // No more letters of a word are in the index.
const REACH = 2048; // Bytes of a line that may be in the page after the one in which it begins.
const WORDS = 3; // How many words are looked up. More would not exclude much.
const DEAR = 4 * PAGE; // Bytes that are read for a word only if there is no other.
const BUDGET = 300_000; // Bytes of the index that a search reads at most.
const LINE = /^([a-z0-9]+) ((?:[A-Z](?:\d*[a-z])*)+)$/;

export const isCount = (value) => Number.isSafeInteger(value) && value >= 0;

// The volumes that archive.json names, newest first, as far as they are what they should be.
export function volumesOf(listed) {
  const good = (Array.isArray(listed) ? listed : []).filter(
    (volume) =>
      /^words(?:-\d+)?\.txt$/.test(volume?.name) &&
      isCount(volume.bytes) &&
      typeof volume.pages === "string" &&
      volume.months instanceof Object &&
      Object.values(volume.months).every(isCount),
  );
  return good.map((volume) => new Volume(volume));
}

class Volume {
  #read = new Map();

  constructor({ name, bytes, months, pages }) {
    this.name = name;
    this.bytes = bytes;
    this.months = Object.entries(months);
    this.pages = pages.split(" ");
  }

  // The pages in which words may be that begin with some letters: the first and the last.
  range(letters) {
    const after = (isBefore) => {
      let [low, high] = [0, this.pages.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (isBefore(this.pages[middle])) low = middle + 1;
        else high = middle;
      }
      return low;
    };
    const first = Math.max(0, after((word) => word <= letters) - 1);
    return [first, Math.max(first, after((word) => word <= `${letters}~`) - 1)];
  }

  // The words in some pages, with what is said of them.
  #words([first, last]) {
    const key = `${first}-${last}`;
    if (!this.#read.has(key)) {
      const reading = lines(this.name, this.bytes, first, last, REACH).then((found) => {
        if (!first) found.shift(); // Whose file it is.
        return found.map((line) => {
          const parts = LINE.exec(line);
          if (!parts) throw new NoPartError(`${this.name} is damaged.`);
          return parts;
        });
      });
      this.#read.set(key, reading);
      reading.catch(() => this.#read.delete(key));
    }
    return this.#read.get(key);
  }

  // The pages of each month that may have a word, as sets by the names of the months.
  async find(asked) {
    const found = new Map(this.months.map(([name]) => [name, new Set()]));
    for (const [, word, text] of await this.#words(this.range(asked.letters))) {
      if (asked.fits(word)) for (const [name, page] of this.#places(text)) found.get(name).add(page);
    }
    return found;
  }

  *#places(text) {
    for (const [, letter, gaps] of text.matchAll(/([A-Z])([^A-Z]*)/g)) {
      const month = this.months[letter.charCodeAt(0) - 65];
      if (!month) throw new NoPartError(`${this.name} is damaged.`);
      const [name, size] = month;
      if (!gaps) for (let page = 0; page * PAGE < size; page += 1) yield [name, page];
      let next = 0;
      for (const [, times, rest] of gaps.matchAll(/(\d*)([a-z])/g)) {
        const page = next + 26 * Number(times) + rest.charCodeAt(0) - 97;
        yield [name, page];
        next = page + 1;
      }
    }
  }
}

// The words to look up: with what they begin in the index, and which of those words fit. Of many, the
// longest: they are the rarest.
function wanted(terms) {
  const asked = new Map();
  for (const { words, isNot, isOpen } of terms) {
    for (const [place, word] of isNot ? [] : words.entries()) {
      const letters = beginning(word).slice(0, LONGEST);
      if (!/^[a-z0-9]+$/.test(word) || !letters) continue;
      const mayGoOn = isOpen && place === words.length - 1;
      const begins = word.slice(0, LONGEST);
      const fits = (other) =>
        other.startsWith(letters) &&
        (other.length === LONGEST || stem(other) === stem(word) || (mayGoOn && other.startsWith(begins)));
      asked.set(`${word}${mayGoOn}`, { letters, fits });
    }
  }
  return [...asked.values()].sort((a, b) => b.letters.length - a.letters.length).slice(0, WORDS);
}

// The pages that may have what is looked for: by the names of the months, the bytes that the month's
// file must have and the pages, in order. A month of which nothing is known is not among them.
export async function places(terms, volumes) {
  const reads = wanted(terms).flatMap((asked) =>
    volumes.map((volume) => {
      const [first, last] = volume.range(asked.letters);
      return { asked, volume, cost: (last - first + 1) * PAGE + REACH };
    }),
  );
  // What takes least excludes most: with a short beginning, there are many words.
  reads.sort((one, other) => one.cost - other.cost);
  let left = BUDGET;
  const chosen = new Map();
  for (const { asked, volume, cost } of reads) {
    if (cost > left || (cost > DEAR && chosen.has(volume))) continue;
    left -= cost;
    chosen.set(volume, [...(chosen.get(volume) ?? []), asked]);
  }
  const found = new Map();
  const add = async (volume, asked) => {
    const [first, ...others] = await Promise.all(asked.map((one) => volume.find(one)));
    for (const [name, bytes] of volume.months) {
      const pages = [...first.get(name)].filter((page) => others.every((other) => other.get(name).has(page)));
      found.set(name, { bytes, pages: pages.sort((a, b) => a - b) });
    }
  };
  await Promise.all(
    [...chosen].map(([volume, asked]) => add(volume, asked).catch(() => null)),
  );
  return found;
}
