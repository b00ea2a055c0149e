// What is new since the reader's last visit: of the papers that mail and feed told as new, those that
// no earlier visit saw. On a first visit it is what came with the last change of the page. Marks stay
// until a visit sees newer papers: to load the page again must not take them away.
import { make, one } from "./dom.js";
import { keep, recall } from "./storage.js";

const strings = (value) => (Array.isArray(value) ? value.filter((id) => typeof id === "string") : []);

// Marks the papers, and gives how many there are and whether there was an earlier visit.
export function findFresh(papers) {
  const told = papers.filter((paper) => paper.data.new);
  const known = recall("");
  const isFirst = !Array.isArray(known?.seen);
  let fresh;
  if (isFirst) {
    const last = told.reduce((day, paper) => (paper.data.seen > day ? paper.data.seen : day), "");
    fresh = new Set(told.filter((paper) => paper.data.seen === last).map((paper) => paper.id));
  } else {
    const seen = new Set(strings(known.seen));
    const unseen = told.filter((paper) => !seen.has(paper.id)).map((paper) => paper.id);
    fresh = new Set(unseen.length ? unseen : strings(known.fresh));
  }
  keep("", { seen: told.map((paper) => paper.id), fresh: [...fresh] });
  for (const paper of told) {
    if (!fresh.has(paper.id)) continue;
    paper.isFresh = true;
    one(".about", paper.node)?.prepend(make("span", { class: "new" }, "new"), " · ");
  }
  return { count: told.filter((paper) => paper.isFresh).length, isFirst };
}
