// The page: what is asked for, what is shown of it, and who does what. Every other module is one idea.
import { paperInAddress, remember, searchInAddress } from "./address.js";
import { Archive } from "./archive.js";
import { article } from "./card.js";
import { Chips } from "./chips.js";
import { offerAll, tell } from "./count.js";
import { all, make, one } from "./dom.js";
import { exportButton } from "./exports.js";
import { findFresh } from "./fresh.js";
import { highlight } from "./highlight.js";
import * as keys from "./keys.js";
import { List } from "./list.js";
import { sayMarked, showMarks } from "./marked.js";
import { Marks } from "./marks.js";
import { typeset, watch } from "./math.js";
import { toggleMenu } from "./menu.js";
import { Older } from "./older.js";
import { afterPainting } from "./painting.js";
import { Papers } from "./papers.js";
import { isNarrower, isSearch, matches, parse } from "./query.js";
import { fromArticle, isRevised } from "./record.js";
import { Scan } from "./scan.js";
import { listenToArrows, makeToolbar } from "./toolbar.js";
import { offerTop, toTop } from "./top.js";
import { Topics } from "./topics.js";
import { offer } from "./zotero.js";

const field = one("#query");
const end = one("#end");
const { sort: sortBy, digests, total } = one("main").dataset;

// --- Papers -------------------------------------------------------------------------------------

const topics = new Topics(() => {
  update();
  if (!isSearched()) search();
  toTop();
});
const articles = all("article").map((node) => fromArticle(node, topics.headings));
const papers = new Papers(articles, { total: Number(total), sortBy });
const archive = new Archive();
const marks = new Marks();
const older = new Older({ archive, papers, end, isListed, isWanted, onLoad: update });
const scan = new Scan({
  archive,
  papers,
  end,
  isWanted: (month) => !older.loaded.has(month.name) && isWanted(month),
  onFind: update,
});
const list = new List({ root: one("#list"), end, sortBy, nodeOf, onEnd: loadMore, onRender: () => mark() });
const chips = new Chips({
  fresh: findFresh(papers.all),
  hasBest: papers.all.some((paper) => paper.data.match),
  onPress(name) {
    if (["saved", "fresh"].includes(name)) search();
    update();
    toTop();
  },
});

function nodeOf(paper) {
  if (!paper.node) paper.node = article(paper.data, topics.numbers);
  if (!paper.isReady) prepare(paper);
  // While it was not in the list, it may have been marked there or in another tab.
  showMarks(paper, marks, digests);
  return paper.node;
}

function prepare(paper) {
  paper.isReady = true;
  offer(paper);
  watch(paper.node);
  makeToolbar(one(".links", paper.node));
}

// --- What is shown ------------------------------------------------------------------------------

let terms = [];
let query = "";

// Whether only papers are asked for that are here: saved ones, and those that are new.
const isHere = () => chips.isPressed("saved") || chips.isPressed("fresh");

// Whether the list is what is asked for, with all older papers at its end.
function isListed() {
  return !isSearch(terms) && !isHere();
}

function isWanted(month) {
  return !topics.chosen || month.topics?.[topics.chosen] > 0;
}

function candidates() {
  if (chips.isPressed("saved")) {
    return [...marks.saved.values()].map((data) => papers.saved(data)).sort(papers.byDate);
  }
  if (isSearch(terms)) {
    return papers.found.size ? [...papers.all, ...papers.found.values()].sort(papers.byDate) : papers.all;
  }
  // With one topic, months are loaded that the list of all topics has not come to.
  const last = older.contiguous();
  return topics.chosen ? papers.all : papers.all.filter((paper) => !(paper.place > last));
}

// What the last key left, until anything else changes.
let last = null;

function update({ isTyping = false } = {}) {
  query = field.value.trim();
  terms = parse(field.value); // A space after the last word says that it is whole.
  const [isBest, isFresh, isRevisedHidden] = ["best", "fresh", "revised"].map((name) => chips.isPressed(name));
  const mayMatch = isTyping && last && isNarrower(terms, last.terms) ? last.matching : candidates();
  const matching = mayMatch.filter(
    (paper) =>
      (!isFresh || paper.isFresh) &&
      (!isRevisedHidden || paper.isFresh || !isRevised(paper.data)) &&
      !marks.hidden.has(paper.id) &&
      matches(paper, terms),
  );
  last = isTyping ? { terms, matching } : null;
  const shown = topics.chosen
    ? matching.filter((paper) => paper.data.topics?.includes(topics.chosen))
    : matching.slice();
  // Candidates are in the order of dates, so that no key has to sort them.
  if (isBest) shown.sort((a, b) => (b.data.match ?? -1) - (a.data.match ?? -1));
  topics.count(isFiltered() ? matching : null);
  list.show(shown, { byDay: !isBest, isAnew: isTyping });
  mark();
  count();
  remember({ query, topic: topics.chosen });
}

const isFiltered = () => query || isHere() || chips.isPressed("revised");

function count() {
  const shown = list.papers.length;
  tell({ shown, papers, topic: topics.chosen, isFiltered: isFiltered(), isScanned: scan.isScanned });
}

// What is found is marked after it is shown: a key must not wait for that.
const mark = afterPainting(() => {
  const inside = new Set(list.nodes);
  highlight(terms, list.papers.filter((paper) => inside.has(paper.node)));
});

function loadMore() {
  if (isListed()) older.loadMore();
}

const isSearched = () => !isSearch(terms) || scan.isDone({ query, topic: topics.chosen });

function search() {
  scan.search({ query, topic: topics.chosen, terms: isHere() ? [] : terms });
  count(); // While it goes on, it is not known whether there is nothing.
}

// --- What one clicks ----------------------------------------------------------------------------

const paperOf = (node) => list.papers.find((paper) => paper.node === node.closest("article"));

function hidePaper(paper) {
  marks.toggle("hidden", paper);
  sayMarked("Hidden. Export brings it back.", marks);
}

function save(paper) {
  sayMarked(marks.toggleSaved(paper) ? "Saved." : "No longer saved.", marks);
}

one("#list").addEventListener("click", (event) => {
  const paper = paperOf(event.target);
  if (!paper) return;
  const more = event.target.closest(".more");
  if (event.target.closest(".save")) save(paper);
  else if (more) toggleMenu(more, paper, { marks, onHide: hidePaper });
  else if (event.target.closest("h3 a, .links a[rel]")) marks.setRead(paper);
});
listenToArrows(one("#list"));

marks.addEventListener("change", () => {
  for (const paper of list.papers) showMarks(paper, marks, digests);
  chips.tellSaved(marks.saved.size);
  update();
});

// --- Beginning ----------------------------------------------------------------------------------

// Looks for nothing else than `text`.
function clear(text = "") {
  field.value = text;
  chips.release();
  update();
  search();
}

function makeSearch() {
  offerAll(() => {
    clear();
    field.focus();
  });
  field.addEventListener("input", () => {
    update({ isTyping: true });
    search();
    toTop(); // At last, so that the browser finds all places once.
  });
  // The first key need not wait for the words of all papers.
  const prepareAll = () => papers.all.forEach((paper) => paper.text());
  field.addEventListener("focus", prepareAll, { once: true });
  // Nor the first search for the names of the months.
  field.addEventListener("focus", () => !papers.isWhole && archive.open().catch(() => {}), { once: true });
}

// Goes to a paper, whatever is looked for. One that is not loaded is looked for in the archive.
function goTo(id) {
  if (marks.hidden.has(id)) marks.toggle("hidden", { id });
  if (!list.reveal(id)) {
    topics.choose("");
    clear();
  }
  if (!list.reveal(id)) clear(`id:"${id}"`);
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

list.adopt([...papers.all]);
makeSearch();
for (const paper of papers.all) nodeOf(paper);
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
const help = make("button", { id: "keys", type: "button", class: "chip" }, "Keys");
help.addEventListener("click", showKeys);
chips.tellSaved(marks.saved.size);
one("#filters").append(exportButton(marks, () => list.papers), help);
offerTop();
if (marks.hidden.size) update();
// What was typed before this script ran is looked for, too; it is newer than a paper in the address.
const typed = field.value;
if (location.hash && !(typed && paperInAddress())) recallAddress();
if (typed) clear(typed);
addEventListener("hashchange", recallAddress);
document.documentElement.classList.add("js");
