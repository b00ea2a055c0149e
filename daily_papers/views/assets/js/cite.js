// How to cite a paper: BibTeX, RIS, CSV, Markdown, text. `bibtex` gives the same bytes as
// daily_papers/views/bibtex.py; a test holds the two together.
import { plain } from "./record.js";
import { fold } from "./words.js";

// Every reader of BibTeX counts braces in its own way: some pass over one after a backslash, some do
// not. So no brace of a text is left, and no backslash comes before a brace.
const ESCAPES = {
  "\\": "\\textbackslash{}",
  "{": "\\textbraceleft{}",
  "}": "\\textbraceright{}",
  "^": "\\textasciicircum{}",
  "~": "\\textasciitilde{}",
  "<": "\\textless{}",
  ">": "\\textgreater{}",
  "|": "\\textbar{}",
  '"': "\\textquotedbl{}",
  "@": "\\symbol{64}",
  ...Object.fromEntries([..."$&%#_"].map((sign) => [sign, `\\${sign}`])),
};
const escape = (text) => text.replace(/[\\{}^~<>|"@$&%#_]/g, (sign) => ESCAPES[sign]);

// Styles write titles in lower case, except for what is in braces.
const protect = (words) =>
  words.replace(/[^\s-]+/gu, (word) => (/^.+\p{Lu}/u.test(word) ? `{${escape(word)}}` : escape(word)));

// A formula as BibTeX can hold it, or as text where it cannot.
function formula(tex) {
  let depth = 0;
  const safe = tex.replace(/\\[{}]|\\\\|[{}]/g, (sign) => {
    if (sign === "\\{") return "\\lbrace ";
    if (sign === "\\}") return "\\rbrace ";
    if (sign === "\\\\") return "\\\\ ";
    if (depth >= 0) depth += sign === "{" ? 1 : -1;
    return sign;
  });
  if (depth !== 0 || /["@%$]|\\$/.test(safe)) return escape(tex);
  return `{$${safe.replace(/ {2,}/g, " ")}$}`;
}

const latex = (text) =>
  typeof text === "string"
    ? protect(text)
    : text
        .map((part) => {
          if (typeof part === "string") return protect(part);
          return "tex" in part ? formula(part.tex) : protect(part.text);
        })
        .join("");

// What follows the family name at the end of a name.
const SUFFIX = /,? ((?:Jr|Sr)\.?|I{2,3}|IV)$/;

// The family name from its particles on (van, de la), the given names, and a suffix; null for a name
// that stays whole, because it is a group's, or has a comma that is not before a suffix.
function parts(name) {
  const [ending = "", suffix = ""] = SUFFIX.exec(name) ?? [];
  const words = name.slice(0, name.length - ending.length).split(" ").filter(Boolean);
  if (suffix && words.length <= 1) return null;
  if (/,|\b(?:and|collaboration|consortium|group|team)\b/i.test(words.join(" "))) return null;
  const particle = words.findIndex((word, place) => place && /^\p{Ll}/u.test(word));
  const begin = particle < 0 ? words.length - 1 : particle;
  return { family: words.slice(begin).join(" "), given: words.slice(0, begin).join(" "), suffix };
}

function author(name) {
  const known = parts(name);
  if (!known) return `{${escape(name)}}`;
  if (!known.suffix) return escape(name);
  return [known.family, known.suffix, known.given].map(escape).join(", ");
}

// https://en.wikipedia.org/wiki/RIS_(file_format): a comma separates the parts of a name.
function inverted(name) {
  const { family, given, suffix } = parts(name) ?? { family: name.replace(/,/g, "") };
  return [family, given, suffix].filter(Boolean).join(", ");
}

const letters = (text) => fold(text).replace(/[^a-z]/g, "");

// The last name of the first author, the year, and the first long word of the title.
export function keyOf(data) {
  const [first = ""] = data.authors ?? [];
  const words = plain(data.title).split(/[\s-]+/).map(letters);
  return `${letters(first.replace(SUFFIX, "").split(" ").at(-1)) || "arxiv"}${year(data)}${words.find((word) => word.length > 3) ?? ""}`;
}

const year = (data) => data.published.slice(0, 4);
const address = (data) => `https://arxiv.org/abs/${data.id}`;
const doiOf = (data) => data.doi ?? `10.48550/arXiv.${data.id}`;

export function bibtex(data, key = keyOf(data)) {
  const fields = {
    title: latex(data.title),
    author: (data.authors ?? []).filter(Boolean).map(author).join(" and "),
    year: year(data),
    eprint: data.id,
    archivePrefix: "arXiv",
    primaryClass: escape(data.categories?.[0] ?? ""),
    doi: doiOf(data).replace(/[\\{}"@%#$&~^\s]/g, encodeURIComponent),
    url: address(data),
  };
  const lines = Object.entries(fields)
    .filter(([, value]) => value)
    .map(([name, value]) => `  ${name} = {${value}},\n`);
  return `@misc{${key},\n${lines.join("")}}\n`;
}

// All entries, each with a key of its own: a second one gets a letter more.
export function bibliography(papers) {
  const taken = new Set();
  return papers
    .map((data) => {
      const base = keyOf(data);
      let key = base;
      for (let number = 1; taken.has(key); number += 1) key = base + extra(number);
      taken.add(key);
      return bibtex(data, key);
    })
    .join("\n");
}

// b, c, … z, aa, ab, …
function extra(number) {
  let text = "";
  for (let rest = number + 1; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    text = String.fromCharCode(97 + ((rest - 1) % 26)) + text;
  }
  return text;
}

export function ris(papers) {
  const line = (text) => plain(text).replace(/\s+/g, " ").trim();
  const entry = (data) =>
    [
      ["TY", "PREPRINT"],
      ["TI", line(data.title)],
      ...(data.authors ?? []).filter(Boolean).map((name) => ["AU", inverted(line(name))]),
      ["PY", year(data)],
      ["DA", data.published.replaceAll("-", "/")],
      ["AB", line(data.abstract)],
      ["PB", "arXiv"],
      ["AN", `arXiv:${data.id}`],
      ["DO", line(doiOf(data))],
      ["UR", address(data)],
      ...(data.categories ?? []).map((name) => ["KW", line(name)]),
      ["ER", ""],
    ]
      .map(([tag, value]) => `${tag}  - ${value}\r\n`)
      .join("");
  return papers.map(entry).join("\r\n");
}

// https://www.rfc-editor.org/rfc/rfc4180. A spreadsheet takes =, +, - and @ for the beginning of a
// formula: an apostrophe before it makes it text (https://owasp.org/www-community/attacks/CSV_Injection).
export function csv(papers) {
  const names = ["id", "title", "authors", "published", "updated", "categories", "comment", "journal", "doi", "url"];
  const cell = (value) => {
    const text = plain(value).replace(/\s+/g, " ").trim();
    return `"${(/^[=+\-@]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
  };
  const row = (data) =>
    names.map((name) => {
      if (name === "url") return cell(address(data));
      if (name === "authors") return cell((data.authors ?? []).join("; "));
      if (name === "categories") return cell((data.categories ?? []).join(" "));
      return cell(data[name] ?? "");
    });
  return [names, ...papers.map(row)].map((cells) => `${cells.join(",")}\r\n`).join("");
}

export function markdown(data) {
  const title = plain(data.title).replace(/[\\`*_[\]<>#|~&!]/g, "\\$&");
  return `[${title}](${address(data)})`;
}

export function text(data) {
  const names = data.authors ?? [];
  const who = names.length > 3 ? `${names.slice(0, 3).join(", ")} et al.` : names.join(", ");
  return `${who}${who ? ": " : ""}${plain(data.title)} (${year(data)}). ${address(data)}`;
}

// What Zotero's connector finds in a page: a span with an OpenURL (https://ocoins.info). In this
// format it takes Zotero's own name of a type, and an abstract
// (https://github.com/zotero/utilities/blob/master/openurl.js).
export function coins(data) {
  const pairs = [
    ["ctx_ver", "Z39.88-2004"],
    ["rft_val_fmt", "info:ofi/fmt:kev:mtx:dc"],
    ["rft.type", "preprint"],
    ["rft_id", `info:doi/${doiOf(data)}`],
    ["rft_id", address(data)],
    ["rft.title", plain(data.title)],
    ["rft.description", plain(data.abstract)],
    ["rft.publisher", "arXiv"],
    ["rft.date", data.published],
    ...(data.authors ?? []).map((name) => ["rft.au", name]),
  ];
  return new URLSearchParams(pairs).toString();
}
