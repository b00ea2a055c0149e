// Keys for people who read with the keyboard. Single letters can be switched off, since speech input
// may type them by accident (https://www.w3.org/WAI/WCAG22/Understanding/character-key-shortcuts).
import { make, one } from "./dom.js";
import { keep, recall } from "./storage.js";

const HELP = [
  ["/", "search"],
  ["Escape", "clear the search"],
  ["j, k", "next and previous paper"],
  ["o", "open or close the abstract"],
  ["Enter", "the paper on arXiv, where its title has the focus"],
  ["s", "save"],
  ["x", "hide"],
  ["?", "this help"],
];

function helpDialog(onChange) {
  const box = make("input", { type: "checkbox", id: "single-keys" });
  box.checked = recall(":keys") !== false;
  box.addEventListener("change", () => {
    keep(":keys", box.checked);
    onChange(box.checked);
  });
  const rows = HELP.flatMap(([keys, what]) => [
    make("dt", {}, keys),
    make("dd", {}, what),
  ]);
  const close = make("button", { type: "button", class: "chip" }, "Close");
  const dialog = make(
    "dialog",
    { "aria-labelledby": "help" },
    make("h2", { id: "help" }, "Keys"),
    make("dl", {}, ...rows),
    make("p", {}, box, " ", make("label", { for: "single-keys" }, "Use single keys")),
    close,
  );
  close.addEventListener("click", () => dialog.close());
  document.body.append(dialog);
  return dialog;
}

// Args: what to do for each key, with the paper's article that has the focus or is at the top.
export function listen({ nodes, onSearch, onClear, onSave, onHide }) {
  let isOn = recall(":keys") !== false;
  const dialog = helpDialog((value) => {
    isOn = value;
  });

  const current = () =>
    document.activeElement.closest("article") ??
    nodes().find((node) => node.getBoundingClientRect().bottom > 120);

  function step(by) {
    const articles = nodes();
    const focused = document.activeElement.closest("article");
    const here = focused ? articles.indexOf(focused) + by : articles.indexOf(current());
    const next = articles[Math.max(0, Math.min(here, articles.length - 1))];
    if (!next) return;
    next.tabIndex = -1;
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  }

  const actions = {
    "/": onSearch,
    j: () => step(1),
    k: () => step(-1),
    o() {
      const details = one("details", current() ?? document.body);
      if (details) details.open = !details.open;
    },
    s: () => current() && onSave(current()),
    x() {
      const node = current();
      if (!node) return;
      step(1);
      onHide(node);
    },
    "?": () => dialog.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || dialog.open) return;
    if (event.key === "Escape") {
      onClear(event);
      return;
    }
    if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
    if (!isOn) return;
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
  return () => dialog.showModal();
}
