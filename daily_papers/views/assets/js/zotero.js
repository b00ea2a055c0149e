// Papers for Zotero's connector: it looks for them when a page is loaded, and when it is told of more.
import { coins } from "./cite.js";
import { make } from "./dom.js";

const unoffered = [];
const whenIdle = window.requestIdleCallback ?? setTimeout;

function offerToZotero() {
  for (const paper of unoffered.splice(0)) {
    paper.node.append(make("span", { class: "Z3988", title: coins(paper.data), hidden: true }));
  }
  document.dispatchEvent(new Event("ZoteroItemUpdated", { bubbles: true, cancelable: true }));
}

// Offers a paper that has an article, soon and together with others.
export function offer(paper) {
  if (!unoffered.length) whenIdle(offerToZotero);
  unoffered.push(paper);
}
