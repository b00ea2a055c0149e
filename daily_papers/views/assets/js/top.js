// The way back to the top, from where the list has led.
import { make, one } from "./dom.js";

// Who asks for something else deep in the list wants to see where it begins.
export function toTop() {
  const main = one("main");
  if (main.getBoundingClientRect().top < 0) main.scrollIntoView();
}

export function offerTop() {
  const button = make("button", { id: "top", type: "button", class: "chip", hidden: true }, "Back to top");
  button.addEventListener("click", () => {
    // The focus goes along, for those who read with the keyboard.
    const heading = one("h1");
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
    scrollTo(0, 0);
  });
  // It is offered where the header is two windows away.
  const observer = new IntersectionObserver((entries) => (button.hidden = entries.at(-1).isIntersecting), {
    rootMargin: "200% 0px 0px",
  });
  observer.observe(one("header"));
  document.body.append(button);
}
