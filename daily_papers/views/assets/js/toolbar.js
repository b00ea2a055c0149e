// A paper's links and actions as one stop of the Tab key; the arrow keys go on from there:
// https://www.w3.org/WAI/ARIA/apg/patterns/toolbar/
import { all } from "./dom.js";

export function makeToolbar(links) {
  links.setAttribute("role", "toolbar");
  links.setAttribute("aria-label", "Links and actions");
  for (const [place, link] of all("a, button", links).entries()) link.tabIndex = place ? -1 : 0;
}

// Moves the focus within the toolbars that are below `root`, now or later.
export function listenToArrows(root) {
  root.addEventListener("keydown", (event) => {
    const bar = event.target.closest(".links");
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!bar || !step) return;
    event.preventDefault();
    const items = all("a, button", bar);
    const next = items.at((items.indexOf(event.target) + step) % items.length);
    for (const item of items) item.tabIndex = item === next ? 0 : -1;
    next.focus();
  });
}
