// How many papers are shown, as a line above the list; and where there are none, a way to all of them.
import { make, one } from "./dom.js";

const count = one("#count");
const nothing = make("p", { id: "nothing", hidden: true }, "No paper matches. ");

// Args: how many papers are shown, those that are here, the topic, whether some are left out, and
// whether the archive has been looked through.
export function tell({ shown, papers, topic, isFiltered, isScanned }) {
  const { total, isWhole } = papers;
  nothing.hidden = shown > 0 || !total || !isScanned;
  const number = shown.toLocaleString("en");
  const where = topic ? ` on ${topic}` : "";
  const what = shown === 1 ? "1 paper" : `${number} papers`;
  if (!total) return;
  if (isFiltered) count.textContent = `${number} of ${total.toLocaleString("en")} papers${where}`;
  else if (!isWhole && !where) {
    count.textContent = `The newest ${number} of ${total.toLocaleString("en")} papers`;
  } else count.textContent = `${what}${where}`;
}

export function offerAll(onAll) {
  const again = make("button", { type: "button" }, "Show all");
  again.addEventListener("click", onAll);
  nothing.append(again);
  one("#list").before(nothing);
}
