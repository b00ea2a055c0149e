// The chips: each is pressed to show less, in another order, or closer together.
import { isPressed, make, one, press } from "./dom.js";
import { keep, recall } from "./storage.js";

const root = document.documentElement;

const chip = (id, text, attributes = {}) =>
  make("button", { id, type: "button", class: "chip", "aria-pressed": "false", ...attributes }, text);

export class Chips {
  #chips = {
    fresh: chip("fresh", "", { hidden: true }),
    best: chip("best", "Best match"),
    revised: chip("revised", "Hide revised"),
    saved: chip("saved", "Saved"),
    compact: chip("compact", "Compact"),
  };

  // Args: what `findFresh` found, whether any paper has a match to order by, and whom to tell which
  // chip was pressed or released.
  constructor({ fresh, hasBest, onPress }) {
    const chips = this.#chips;
    if (fresh.count) {
      chips.fresh.hidden = false;
      chips.fresh.textContent = `${fresh.count.toLocaleString("en")} new${fresh.isFirst ? "" : " since your last visit"}`;
    }
    const shown = Object.entries(chips).filter(([name]) => name !== "best" || hasBest);
    for (const [name, button] of shown) {
      button.addEventListener("click", () => {
        press(button, !isPressed(button));
        if (name === "compact") {
          root.classList.toggle("compact-list", isPressed(button));
          keep(":compact", isPressed(button));
          return;
        }
        onPress(name);
      });
    }
    if (recall(":compact") === true) {
      press(chips.compact, true);
      root.classList.add("compact-list");
    }
    one("#filters").append(...shown.map(([, button]) => button));
  }

  isPressed(name) {
    return isPressed(this.#chips[name]);
  }

  // Releases those that leave papers out.
  release() {
    for (const name of ["fresh", "revised", "saved"]) press(this.#chips[name], false);
  }

  tellSaved(number) {
    this.#chips.saved.textContent = number ? `Saved ${number.toLocaleString("en")}` : "Saved";
  }
}
