// Browsers load neither modules nor the archive from a disk (`file:`). Then the page is the plain
// list, and says why. This file is no module, so that it runs there.
"use strict";

if (location.protocol === "file:") {
  document.documentElement.classList.add("disk");
  const note = document.createElement("p");
  note.className = "note";
  note.textContent =
    "This page was opened from a disk. Search, topics and older papers need a web server, such as " +
    "python3 -m http.server in its folder.";
  document.querySelector("#status").after(note);
}
