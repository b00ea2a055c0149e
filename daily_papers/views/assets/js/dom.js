// Elements, found and made. No text ever becomes markup here.

export const one = (selector, root = document) => root.querySelector(selector);
export const all = (selector, root = document) => [...root.querySelectorAll(selector)];

export function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

// What a screen reader says at once; nobody sees it.
const said = make("p", { class: "unseen", role: "status" });
document.body.append(said);

export function say(text) {
  said.textContent = text;
}

export const isPressed = (button) => button.getAttribute("aria-pressed") === "true";
export const press = (button, value) => button.setAttribute("aria-pressed", String(value));
