// A paper as an `article`, the same as daily_papers/views/card.py makes.
import { make } from "./dom.js";
import { isRevised } from "./record.js";

const LEAVING = { rel: "noopener noreferrer" };
const HTML_SINCE = "2023-12-01";
const DAY = new Intl.DateTimeFormat("en", {
  timeZone: "UTC",
  day: "numeric",
  month: "long",
  year: "numeric",
});
const WEEKDAY = new Intl.DateTimeFormat("en", { timeZone: "UTC", weekday: "long" });

export function day(iso, weekday = false) {
  const date = new Date(`${iso}T00:00:00Z`);
  const part = Object.fromEntries(DAY.formatToParts(date).map(({ type, value }) => [type, value]));
  const written = `${part.day} ${part.month} ${part.year}`;
  return make("time", { datetime: iso }, weekday ? `${WEEKDAY.format(date)}, ${written}` : written);
}

const link = (text, href, attributes = {}) => make("a", { ...attributes, href, ...LEAVING }, text);

// Half of a surrogate pair, as a damaged file may have it, would be an error.
const encoded = (text) => encodeURIComponent(text.toWellFormed());

// As Python's `quote` does, so that both make the same address.
const quote = (text) =>
  encoded(text)
    .replaceAll("%2F", "/")
    .replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

const search = (query, text) => make("a", { href: `#q=${quote(query)}`, tabindex: "-1" }, text);

export const doiUrl = (doi) =>
  `https://doi.org/${encoded(doi).replace(/%(2F|3A|3B|40|2C|3D|2B)/g, decodeURIComponent)}`;

// The name of a paper's place on the page.
export const anchor = (id) => `p${id.replace(/[./]/g, "-")}`;

const joined = (nodes, separator) =>
  nodes.flatMap((node, place) => (place ? [separator, node] : [node]));

export function content(text, links = true) {
  if (typeof text === "string") return text ? [text] : [];
  return text.map((part) => {
    if (typeof part === "string") return part;
    if ("tex" in part) {
      return make("span", { class: part.display ? "math display" : "math" }, part.tex);
    }
    return links ? link(part.text, part.url) : part.text;
  });
}

function about(data) {
  const parts = [];
  if (data.withdrawn) parts.push(make("strong", {}, "withdrawn"), " · ");
  if (isRevised(data)) {
    parts.push(make("span", { class: "revised" }, `revised · v${data.version}`), " · ");
  }
  const names = data.categories ?? [];
  parts.push((data.topics ?? []).join(" · "), " · ");
  return [...parts, ...joined(names.map((name) => search(`cat:${name}`, name)), " ")];
}

function details(data) {
  const submitted = make("p", { class: "submitted" }, "Submitted ", day(data.published));
  if (data.version > 1) {
    submitted.append(", version ", String(data.version), " on ", day(data.updated));
  }
  if (!data.abstract) return make("details", {}, make("summary", {}, "Details"), submitted);
  const abstract = make("p", { class: "abstract" }, ...content(data.abstract));
  return make("details", {}, make("summary", {}, "Abstract"), abstract, submitted);
}

function links(data) {
  const versioned = `${data.id}v${data.version}`;
  const made = [make("a", { class: "id", href: `#${anchor(data.id)}` }, data.id)];
  if (!data.withdrawn) {
    made.push(link("PDF", `https://arxiv.org/pdf/${versioned}`));
    if (data.updated >= HTML_SINCE) made.push(link("HTML", `https://arxiv.org/html/${versioned}`));
  }
  if (data.doi) made.push(link("DOI", doiUrl(data.doi), { class: "doi" }));
  if (data.code) made.push(link("Code", data.code, { class: "code" }));
  made.push(
    make("button", { type: "button", class: "save", "aria-pressed": "false" }, "Save"),
    make("button", { type: "button", class: "more", "aria-expanded": "false" }, "More"),
  );
  return made.flatMap((node) => [node, " "]);
}

// Args: a paper's data, and the number of each topic by its heading.
export function article(data, numbers) {
  const place = anchor(data.id);
  const topics = (data.topics ?? []).map((name) => numbers.get(name)).filter((n) => n !== undefined);
  const url = `https://arxiv.org/abs/${data.id}v${data.version}`;
  const authors = (data.authors ?? []).map((name) => search(`au:"${name}"`, name));
  const notes = [];
  if (data.comment) notes.push(make("span", { class: "comment" }, ...content(data.comment)));
  if (data.journal) notes.push(make("span", { class: "journal" }, ...content(data.journal)));
  return make(
    "article",
    {
      id: place,
      "data-id": data.id,
      "data-topics": topics.join(" "),
      "data-version": data.version > 1 ? data.version : null,
      "data-new": data.new ? data.seen : null,
      "aria-labelledby": `t${place}`,
    },
    make(
      "h3",
      { id: `t${place}` },
      make("a", { href: url, ...LEAVING }, ...content(data.title, false)),
    ),
    make("p", { class: "authors" }, ...joined(authors, ", ")),
    make("p", { class: "about" }, ...about(data)),
    ...(notes.length ? [make("p", { class: "note" }, ...joined(notes, " · "))] : []),
    ...(data.key ? [make("p", { class: "key" }, ...content(data.key))] : []),
    details(data),
    make("p", { class: "links" }, ...links(data)),
  );
}
