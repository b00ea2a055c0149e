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

// What has just happened: a screen reader says it at once, and for some seconds it can be read.
const said = make("p", { class: "said", role: "status" });
document.body.append(said);
let clearing = 0;

export function say(text) {
  said.textContent = text;
  clearTimeout(clearing);
  clearing = setTimeout(() => (said.textContent = ""), 6000);
}

export const isPressed = (button) => button.getAttribute("aria-pressed") === "true";
export const press = (button, value) => button.setAttribute("aria-pressed", String(value));
