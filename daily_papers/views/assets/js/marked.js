// What is shown of the reader's marks: whether a paper is saved or read, where to like it, and what a
// click has changed.
import { make, one, press, say } from "./dom.js";

// A paper is liked by a tick in its digest: the first one after the paper was seen, or on the day
// before, since GitHub counts days in UTC.
function likeLink({ seen }, digests) {
  const address = new URL(digests);
  const before = new Date(Date.parse(seen) - 86_400_000).toISOString().slice(0, 10);
  const asked = `${address.searchParams.get("q")} created:>=${before} sort:created-asc`;
  address.searchParams.set("q", asked);
  const title = "Tick this paper in the first digest that lists it";
  return make("a", { class: "like", href: address.href, rel: "noopener noreferrer", tabindex: "-1", title }, "Like");
}

// Args: a paper, the reader's marks, and the address of the digests if those have boxes to tick.
export function showMarks(paper, marks, digests) {
  if (!paper.node) return;
  paper.node.classList.toggle("read", marks.read.has(paper.id));
  const isSaved = marks.saved.has(paper.id);
  const button = one(".save", paper.node);
  if (button.getAttribute("aria-pressed") === String(isSaved)) return;
  press(button, isSaved);
  button.textContent = isSaved ? "Saved" : "Save";
  one(".like", paper.node)?.remove();
  if (isSaved && digests && paper.data.new && paper.data.seen) button.after(likeLink(paper.data, digests));
}

export function sayMarked(text, marks) {
  const warning = "The browser keeps no marks: they last until the page is closed.";
  say(marks.isKept ? text : `${text} ${warning}`);
}
