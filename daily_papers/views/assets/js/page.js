// The page: what is asked for, what is shown of it, and who does what. Every other module is one idea.
import { paperInAddress, remember, searchInAddress } from "./address.js";
import { Archive } from "./archive.js";
import { article } from "./card.js";
import { bibliography, bibtex, coins, csv, markdown, ris, text } from "./cite.js";
import { all, isPressed, make, one, press, say } from "./dom.js";
import { findFresh } from "./fresh.js";
import { highlight } from "./highlight.js";
import * as keys from "./keys.js";
import { List } from "./list.js";
import { Marks } from "./marks.js";
import { typeset, watch } from "./math.js";
import { isNarrower, matches, parse } from "./query.js";
import { fromArticle, isRevised, Paper } from "./record.js";
import { keep, recall } from "./storage.js";
import { offerTop } from "./top.js";
import { copyBy, download } from "./take.js";
import { Topics } from "./topics.js";

const root = document.documentElement;
const main = one("main");
const field = one("#query");
const count = one("#count");
const end = one("#end");
const { sort: sortBy, digests } = main.dataset;

// --- Papers -------------------------------------------------------------------------------------

const topics = new Topics(() => {
  showTopic();
  update();
  if (!isSearched()) search();
  toTop();
});
const papers = all("article").map((node) => fromArticle(node, topics.headings));
const known = new Map(papers.map((paper) => [paper.id, paper]));
const total = Number(main.dataset.total);
const archive = new Archive();
const marks = new Marks();
const found = new Map(); // what a search found in the archive, beside what is loaded
const loaded = new Set(); // the months of which all papers are here
const ranks = new Map(papers.map((paper, rank) => [paper, rank]));

const byDate = (one, other) => {
  const [a, b] = [one.data[sortBy], other.data[sortBy]];
  if (a !== b) return a < b ? 1 : -1;
  const [first, second] = [ranks.get(one) ?? Infinity, ranks.get(other) ?? Infinity];
  if (first !== second) return first - second;
  return one.id < other.id ? 1 : -1;
};

function nodeOf(paper) {
  if (!paper.node) paper.node = article(paper.data, topics.numbers);
  if (!paper.isReady) prepare(paper);
  return paper.node;
}

const unoffered = [];
const whenIdle = window.requestIdleCallback ?? setTimeout;

// Zotero's connector looks for papers when a page is loaded, and when it is told of more.
function offerToZotero() {
  for (const paper of unoffered.splice(0)) {
    paper.node.append(make("span", { class: "Z3988", title: coins(paper.data), hidden: true }));
  }
  document.dispatchEvent(new Event("ZoteroItemUpdated", { bubbles: true, cancelable: true }));
}

function prepare(paper) {
  paper.isReady = true;
  if (!unoffered.length) whenIdle(offerToZotero);
  unoffered.push(paper);
  watch(paper.node);
  showMarks(paper);
  // One stop of the Tab key for all links; the arrow keys go on from there.
  const links = one(".links", paper.node);
  links.setAttribute("role", "toolbar");
  links.setAttribute("aria-label", "Links and actions");
  for (const [place, link] of all("a, button", links).entries()) link.tabIndex = place ? -1 : 0;
}

// A paper is liked by a tick in its digest: the first one after the paper was seen, or on the day
// before, since GitHub counts days in UTC.
function likeLink({ seen }) {
  const address = new URL(digests);
  const before = new Date(Date.parse(seen) - 86_400_000).toISOString().slice(0, 10);
  const asked = `${address.searchParams.get("q")} created:>=${before} sort:created-asc`;
  address.searchParams.set("q", asked);
  const title = "Tick this paper in the first digest that lists it";
  return make("a", { class: "like", href: address.href, rel: "noopener noreferrer", tabindex: "-1", title }, "Like");
}

function showMarks(paper) {
  if (!paper.node) return;
  const isSaved = marks.saved.has(paper.id);
  const button = one(".save", paper.node);
  press(button, isSaved);
  button.textContent = isSaved ? "Saved" : "Save";
  one(".like", paper.node)?.remove();
  if (isSaved && digests && paper.data.new && paper.data.seen) button.after(likeLink(paper.data));
  paper.node.classList.toggle("read", marks.read.has(paper.id));
}

// --- What is shown ------------------------------------------------------------------------------

const chip = (id, text, attributes = {}) =>
  make("button", { id, type: "button", class: "chip", "aria-pressed": "false", ...attributes }, text);

const chips = {
  fresh: chip("fresh", "", { hidden: true }),
  best: chip("best", "Best match"),
  revised: chip("revised", "Hide revised"),
  saved: chip("saved", "Saved"),
  compact: chip("compact", "Compact"),
};
const exporter = make("button", { id: "export", type: "button", class: "chip", "aria-expanded": "false" }, "Export");
const help = make("button", { id: "keys", type: "button", class: "chip" }, "Keys");
const nothing = make("p", { id: "nothing", hidden: true }, "No paper matches. ");

let terms = [];
let query = "";
let isScanned = true;

function candidates() {
  if (isPressed(chips.saved)) {
    return [...marks.saved.values()].map((data) => known.get(data.id) ?? saved(data)).sort(byDate);
  }
  // With one topic, months are loaded that the list of all topics has not come to.
  const last = contiguous();
  const rows = topics.chosen ? papers : papers.filter((paper) => !(paper.place > last));
  if (!found.size || !isSearch()) return rows;
  return [...rows, ...[...found.values()].filter((paper) => !known.has(paper.id))].sort(byDate);
}

const kept = new Map();

function saved(data) {
  if (!kept.has(data.id)) kept.set(data.id, new Paper(data));
  return kept.get(data.id);
}

const contiguous = () => {
  const missing = archive.months.findIndex(({ name }) => !loaded.has(name) && !failed.has(name));
  return missing < 0 ? archive.months.length : missing;
};

// What the last key left, until anything else changes.
let last = null;

function update({ isTyping = false } = {}) {
  query = field.value.trim();
  terms = parse(isTyping ? field.value : query);
  const isBest = isPressed(chips.best);
  const isFiltered = query || isPressed(chips.fresh) || isPressed(chips.revised) || isPressed(chips.saved);
  const mayMatch = isTyping && last && isNarrower(terms, last.terms) ? last.matching : candidates();
  const matching = mayMatch.filter(
    (paper) =>
      (!isPressed(chips.fresh) || paper.isFresh) &&
      (!isPressed(chips.revised) || paper.isFresh || !isRevised(paper.data)) &&
      !marks.hidden.has(paper.id) &&
      matches(paper, terms),
  );
  last = isTyping ? { terms, matching } : null;
  const shown = topics.chosen
    ? matching.filter((paper) => paper.data.topics?.includes(topics.chosen))
    : matching.slice();
  // Candidates are in the order of dates, so that no key has to sort them.
  if (isBest) shown.sort((a, b) => (b.data.match ?? -1) - (a.data.match ?? -1));
  topics.count(isFiltered ? matching : null);
  list.show(shown, { byDay: !isBest, isAnew: isTyping });
  mark();
  tell(shown.length, isFiltered);
  clearTimeout(remembering);
  remembering = setTimeout(() => {
    if (query !== `id:"${paperInAddress()}"`) remember({ query, topic: topics.chosen });
  }, 200);
}

let remembering = 0;

function showTopic() {
  for (const node of all("[data-topics]:not(article)")) {
    const isOther = node.dataset.topics !== String(topics.numbers.get(topics.chosen));
    node.hidden = topics.chosen !== "" && isOther;
  }
}

// What is found is marked after it is shown: a key must not wait for that.
let marking = 0;

function mark() {
  cancelAnimationFrame(marking);
  marking = requestAnimationFrame(() => {
    marking = requestAnimationFrame(() => {
      const inside = new Set(list.nodes);
      highlight(terms, list.papers.filter((paper) => inside.has(paper.node)));
    });
  });
}

function tell(shown, isFiltered) {
  nothing.hidden = shown > 0 || !total || !isScanned;
  const number = shown.toLocaleString("en");
  const where = topics.chosen ? ` on ${topics.chosen}` : "";
  const what = shown === 1 ? "1 paper" : `${number} papers`;
  if (!total) return;
  if (isFiltered) count.textContent = `${number} of ${total.toLocaleString("en")} papers${where}`;
  else if (papers.length < total && !where) {
    count.textContent = `The newest ${number} of ${total.toLocaleString("en")} papers`;
  } else count.textContent = `${what}${where}`;
}

// Who asks for something else deep in the list wants to see where it begins.
function toTop() {
  if (main.getBoundingClientRect().top < 0) main.scrollIntoView();
}

// --- Older papers -------------------------------------------------------------------------------

let scan = new AbortController();
let isLoading = false;
const failed = new Map(); // Why months could not be loaded, by name: the list goes on without them.
const ALL = "These are all papers since the first run.";
const monthName = new Intl.DateTimeFormat("en", { timeZone: "UTC", month: "long", year: "numeric" });
const named = (name) => monthName.format(new Date(`${name.slice(0, 7)}-01T00:00:00Z`));

const isWanted = (month) => !topics.chosen || month.topics?.[topics.chosen] > 0;

function add(more, place) {
  for (const paper of more) {
    const other = known.get(paper.id);
    if (other) {
      if (paper.data.withdrawn) other.data.withdrawn = true;
      continue;
    }
    paper.place = place;
    known.set(paper.id, paper);
    papers.push(paper);
  }
  papers.sort(byDate);
}

// Loads the next month that the list has not, where the reader has come to its end.
async function loadMore() {
  if (isLoading || isSearch() || isPressed(chips.saved) || isPressed(chips.fresh) || !total) return;
  if (papers.length >= total) {
    if (loaded.size) end.textContent = ALL;
    return;
  }
  isLoading = true;
  try {
    await archive.open();
    const month = archive.months.find((item) => !loaded.has(item.name) && !failed.has(item.name) && isWanted(item));
    if (!month) {
      end.textContent = [...failed.values()].join(" ") || ALL;
      return;
    }
    end.textContent = `Loading ${named(month.name)} …`;
    try {
      for await (const more of archive.read(month.name)) add(more, archive.months.indexOf(month));
      loaded.add(month.name);
      end.textContent = papers.length >= total ? ALL : "";
    } catch (error) {
      failed.set(month.name, error.message);
      end.textContent = error.message;
    }
    update();
  } catch (error) {
    end.textContent = error.message;
  } finally {
    isLoading = false;
  }
}

// Whether there is something to look for: what only leaves papers out is a filter of the list.
const isSearch = () => terms.some((term) => !term.isNot);

// The last search that came to its end. One of all topics has also found what each topic has.
let done = null;
const isSearched = () => !isSearch() || (done?.query === query && ["", topics.chosen].includes(done.topic));

let foundFor = "";

// Looks through the months that are not loaded, newest first, as long as nothing else is asked for.
async function search() {
  scan.abort();
  scan = new AbortController();
  const { signal } = scan;
  if (foundFor !== query) found.clear();
  foundFor = query;
  done = null;
  isScanned = true;
  end.replaceChildren();
  if (!isSearch() || isPressed(chips.saved) || isPressed(chips.fresh)) return;
  if (papers.length >= total) return;
  const asked = terms;
  const asking = { query, topic: topics.chosen };
  const stop = make("button", { type: "button", class: "chip" }, "Stop");
  const progress = make("span", { role: "status" });
  stop.addEventListener("click", () => {
    scan.abort();
    progress.textContent = `${progress.textContent} Stopped.`;
    stop.remove();
  });
  const problems = [];
  try {
    isScanned = false;
    const opening = archive.open();
    // A key may follow at once.
    await Promise.all([opening, new Promise((resolve) => setTimeout(resolve, 150))]);
    if (signal.aborted) return;
    const months = archive.months.filter((month) => !loaded.has(month.name) && isWanted(month));
    progress.textContent = `Searching ${months.length} months …`;
    end.replaceChildren(progress, " ", stop);
    for await (const { month, papers: more, error, left } of archive.search(months, asked, signal)) {
      if (signal.aborted) return;
      if (error) problems.push(error.message);
      const hits = (more ?? []).filter((paper) => !known.has(paper.id) && matches(paper, asked));
      for (const paper of hits) if (!found.has(paper.id)) found.set(paper.id, paper);
      if (hits.length) update();
      progress.textContent = `Searching ${named(month.name)}, ${left} of ${months.length} months left …`;
    }
    if (signal.aborted) return;
    done = asking;
    const papersSearched = months.reduce((sum, month) => sum + month.papers, 0);
    const last = months.at(-1);
    end.textContent = last
      ? [`Searched ${papersSearched.toLocaleString("en")} papers, back to ${named(last.name)}.`, ...problems].join(" ")
      : "";
  } catch (error) {
    if (signal.aborted) return;
    end.textContent = error.message;
  } finally {
    if (!signal.aborted) {
      isScanned = true;
      update();
    }
  }
}

const list = new List({ root: one("#list"), end, sortBy, nodeOf, onEnd: loadMore, onRender: () => mark() });

// --- What one clicks ----------------------------------------------------------------------------

const paperOf = (node) => list.papers.find((paper) => paper.node === node.closest("article"));

function menu(paper) {
  const { data } = paper;
  const made = [
    ["BibTeX", () => bibtex(data)],
    ["RIS", () => ris([data])],
    ["CSV", () => csv([data])],
    ["Markdown", () => markdown(data)],
    ["Text", () => text(data)],
  ].map(([name, write]) => {
    const button = make("button", { type: "button", class: name.toLowerCase() }, name);
    button.addEventListener("click", () => copyBy(button, write(), `${name} of ${one("h3", paper.node).textContent}`));
    return button;
  });
  const read = make("button", { type: "button" }, marks.read.has(paper.id) ? "Mark as unread" : "Mark as read");
  read.addEventListener("click", () => {
    read.textContent = marks.toggle("read", paper) ? "Mark as unread" : "Mark as read";
  });
  const hide = make("button", { type: "button" }, "Hide");
  hide.addEventListener("click", () => hidePaper(paper));
  return make(
    "p",
    { class: "menu", role: "group", "aria-label": "Copy or mark" },
    ...[make("span", {}, "Copy"), ...made, read, hide].flatMap((node) => [node, " "]),
  );
}

function toggleMenu(button, paper) {
  const open = one(".menu", paper.node);
  button.setAttribute("aria-expanded", String(!open));
  if (open) open.remove();
  else paper.node.append(menu(paper));
}

function hidePaper(paper) {
  marks.toggle("hidden", paper);
  sayMarked("Hidden. Export brings it back.");
}

function save(paper) {
  sayMarked(marks.toggleSaved(paper) ? "Saved." : "No longer saved.");
}

function sayMarked(text) {
  const warning = "The browser keeps no marks: they last until the page is closed.";
  say(marks.isKept ? text : `${text} ${warning}`);
}

one("#list").addEventListener("click", (event) => {
  const paper = paperOf(event.target);
  if (!paper) return;
  if (event.target.closest(".save")) save(paper);
  else if (event.target.closest(".more")) toggleMenu(event.target.closest(".more"), paper);
  else if (event.target.closest("h3 a, .links a[rel]")) marks.setRead(paper);
});
one("#list").addEventListener("keydown", (event) => {
  const bar = event.target.closest(".links");
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!bar || !step) return;
  event.preventDefault();
  const items = all("a, button", bar);
  const next = items.at((items.indexOf(event.target) + step) % items.length);
  for (const item of items) item.tabIndex = item === next ? 0 : -1;
  next.focus();
});

marks.addEventListener("change", () => {
  for (const paper of list.papers) showMarks(paper);
  tellMarks();
  update();
});

function tellMarks() {
  chips.saved.textContent = marks.saved.size ? `Saved ${marks.saved.size.toLocaleString("en")}` : "Saved";
}

// --- Take along ---------------------------------------------------------------------------------

function exportRow() {
  const data = () => list.papers.map((paper) => paper.data);
  const button = (name, work) => {
    const made = make("button", { type: "button", class: "chip" }, name);
    made.addEventListener("click", work);
    return made;
  };
  const file = make("input", { type: "file", accept: "application/json,.json", class: "unseen", tabindex: "-1", "aria-label": "A file of marks" });
  file.addEventListener("change", async () => {
    try {
      const number = marks.fromText(await file.files[0].text());
      note.textContent = `Loaded ${number} saved ${number === 1 ? "paper" : "papers"}.`;
    } catch {
      note.textContent = "This is no file of marks.";
    }
    file.value = "";
  });
  const note = make("span", { role: "status" });
  return make(
    "p",
    { class: "exports", role: "group", "aria-label": "Export what is shown" },
    make("span", {}, "What is shown, as"),
    button("BibTeX", () => download("papers.bib", "application/x-bibtex", bibliography(data()))),
    button("RIS", () => download("papers.ris", "application/x-research-info-systems", ris(data()))),
    button("CSV", () => download("papers.csv", "text/csv", csv(data()))),
    make("span", {}, "Your marks"),
    button("Save to a file", () => download("marks.json", "application/json", marks.toText())),
    button("Load from a file", () => file.click()),
    button("Show hidden", () => marks.showHidden()),
    file,
    note,
  );
}

// --- Beginning ----------------------------------------------------------------------------------

function makeFilters() {
  const fresh = findFresh(papers);
  if (fresh.count) {
    chips.fresh.hidden = false;
    chips.fresh.textContent = `${fresh.count.toLocaleString("en")} new${fresh.isFirst ? "" : " since your last visit"}`;
  }
  const shown = Object.entries(chips).filter(([name]) => name !== "best" || papers.some((paper) => paper.data.match));
  for (const [name, button] of shown) {
    button.addEventListener("click", () => {
      press(button, !isPressed(button));
      if (name === "compact") {
        root.classList.toggle("compact-list", isPressed(button));
        keep(":compact", isPressed(button));
        return;
      }
      if (["saved", "fresh"].includes(name)) search();
      update();
      toTop();
    });
  }
  if (recall(":compact") === true) {
    press(chips.compact, true);
    root.classList.add("compact-list");
  }
  exporter.addEventListener("click", () => {
    const open = one(".exports");
    exporter.setAttribute("aria-expanded", String(!open));
    if (open) open.remove();
    else one("#status").append(exportRow());
  });
  one("#filters").append(...shown.map(([, button]) => button), exporter, help);
  tellMarks();
}

// Looks for nothing else than `text`.
function clear(text = "") {
  field.value = text;
  for (const name of ["fresh", "revised", "saved"]) press(chips[name], false);
  update();
  search();
}

function makeSearch() {
  const again = make("button", { type: "button" }, "Show all");
  again.addEventListener("click", () => {
    clear();
    field.focus();
  });
  nothing.append(again);
  one("#list").before(nothing);
  field.addEventListener("input", () => {
    toTop();
    update({ isTyping: true });
    search();
  });
  // The first key need not wait for the words of all papers.
  const prepareAll = () => papers.forEach((paper) => paper.text());
  field.addEventListener("focus", prepareAll, { once: true });
  // Nor the first search for the names of the months.
  field.addEventListener("focus", () => papers.length < total && archive.open().catch(() => {}), { once: true });
}

// Goes to a paper, whatever is looked for. One that is not loaded is looked for in the archive.
function goTo(id) {
  if (marks.hidden.has(id)) marks.toggle("hidden", { id });
  if (!list.reveal(id)) {
    topics.choose("");
    clear(known.has(id) ? "" : `id:"${id}"`);
  }
  const node = list.reveal(id);
  if (!node) return;
  node.tabIndex = -1;
  node.focus({ preventScroll: true });
  node.scrollIntoView();
}

function recallAddress() {
  const id = paperInAddress();
  if (id) {
    goTo(id);
    return;
  }
  if (location.hash && !/^#(?:topic|q)=/.test(location.hash)) return;
  const asked = searchInAddress();
  field.value = asked.query;
  topics.choose(asked.topic);
  update();
  search();
}

list.adopt([...papers]);
makeFilters();
makeSearch();
for (const paper of papers) prepare(paper);
for (const open of all("details[open]")) typeset(open);
const showKeys = keys.listen({
  nodes: () => list.nodes,
  onSearch() {
    field.focus();
    field.select();
  },
  onClear(event) {
    if (!field.value && event.target !== field) return;
    event.preventDefault();
    clear();
  },
  onSave: (node) => save(paperOf(node)),
  onHide: (node) => hidePaper(paperOf(node)),
});
help.addEventListener("click", showKeys);
offerTop();
if (marks.hidden.size) update();
if (location.hash) recallAddress();
addEventListener("hashchange", recallAddress);
root.classList.add("js");
