// A paper's menu: to copy its reference, to mark it as read, and to hide it.
import { bibtex, csv, markdown, ris, text } from "./cite.js";
import { make, one } from "./dom.js";
import { copyBy } from "./take.js";

function menu(paper, marks, onHide) {
  const { data } = paper;
  const made = [
    ["BibTeX", () => bibtex(data)],
    ["RIS", () => ris([data])],
    ["CSV", () => csv([data])],
    ["Markdown", () => markdown(data)],
    ["Text", () => text(data)],
  ].map(([name, write]) => {
    const button = make("button", { type: "button", class: name.toLowerCase() }, name);
    button.addEventListener("click", () => copyBy(button, name, write(), `${name} of ${one("h3", paper.node).textContent}`));
    return button;
  });
  const read = make("button", { type: "button" }, marks.read.has(paper.id) ? "Mark as unread" : "Mark as read");
  read.addEventListener("click", () => {
    read.textContent = marks.toggle("read", paper) ? "Mark as unread" : "Mark as read";
  });
  const hide = make("button", { type: "button" }, "Hide");
  hide.addEventListener("click", () => onHide(paper));
  return make(
    "p",
    { class: "menu", role: "group", "aria-label": "Copy or mark" },
    ...[make("span", {}, "Copy"), ...made, read, hide].flatMap((node) => [node, " "]),
  );
}

// Args: the button that opens and closes the menu, its paper, the reader's marks, and what hides a
// paper.
export function toggleMenu(button, paper, { marks, onHide }) {
  const open = one(".menu", paper.node);
  button.setAttribute("aria-expanded", String(!open));
  if (open) open.remove();
  else paper.node.append(menu(paper, marks, onHide));
}
