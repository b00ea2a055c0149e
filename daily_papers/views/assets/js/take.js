// Papers to take along: to the clipboard, or as a file.
import { make, say } from "./dom.js";

export async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // Only pages of https and of this machine have the clipboard; the old way works elsewhere.
  const area = make("textarea", { class: "unseen" });
  area.value = text;
  document.body.append(area);
  area.select();
  const isCopied = document.execCommand("copy");
  area.remove();
  if (!isCopied) throw new Error("The browser does not copy.");
}

// Copies, and says on the button whether it worked, in place of its label.
//
// Args: the button, its label, the text to copy, and what that is.
export async function copyBy(button, label, text, what) {
  try {
    await copy(text);
    button.textContent = "Copied";
    say(`Copied ${what}.`);
  } catch {
    button.textContent = "Not copied";
    say("The browser did not let the page copy.");
  }
  setTimeout(() => {
    button.textContent = label;
  }, 2000);
}

export function download(name, type, text) {
  const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  make("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
