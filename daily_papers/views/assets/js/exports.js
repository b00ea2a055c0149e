// The row of exports: what is shown as a file, and the reader's marks to a file and back.
import { bibliography, csv, ris } from "./cite.js";
import { make, one } from "./dom.js";
import { download } from "./take.js";

function exportRow(marks, papers) {
  const data = () => papers().map((paper) => paper.data);
  const button = (name, work) => {
    const made = make("button", { type: "button", class: "chip" }, name);
    made.addEventListener("click", work);
    return made;
  };
  const file = make("input", { type: "file", accept: "application/json,.json", class: "unseen", tabindex: "-1", "aria-label": "A file of marks" });
  file.addEventListener("change", async () => {
    try {
      const number = marks.fromText(await file.files[0].text());
      note.textContent = `Loaded ${number} saved ${number === 1 ? "paper" : "papers"}.`;
    } catch {
      note.textContent = "This is no file of marks.";
    }
    file.value = "";
  });
  const note = make("span", { role: "status" });
  return make(
    "p",
    { class: "exports", role: "group", "aria-label": "Export what is shown" },
    make("span", {}, "What is shown, as"),
    button("BibTeX", () => download("papers.bib", "application/x-bibtex", bibliography(data()))),
    button("RIS", () => download("papers.ris", "application/x-research-info-systems", ris(data()))),
    button("CSV", () => download("papers.csv", "text/csv", csv(data()))),
    make("span", {}, "Your marks"),
    button("Save to a file", () => download("marks.json", "application/json", marks.toText())),
    button("Load from a file", () => file.click()),
    button("Show hidden", () => marks.showHidden()),
    file,
    note,
  );
}

// The button that opens and closes the row.
//
// Args: the reader's marks, and what returns the papers that are shown.
export function exportButton(marks, papers) {
  const exporter = make("button", { id: "export", type: "button", class: "chip", "aria-expanded": "false" }, "Export");
  exporter.addEventListener("click", () => {
    const open = one(".exports");
    exporter.setAttribute("aria-expanded", String(!open));
    if (open) open.remove();
    else one("#status").append(exportRow(marks, papers));
  });
  return exporter;
}
