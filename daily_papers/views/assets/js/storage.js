// What the browser keeps for this page. Pages of one origin are told apart by their path. A browser
// may forbid to keep anything, or have no room: then it is kept until the page is closed.
// `index.html` is the same page as its folder.
const PREFIX = `daily-papers:${location.pathname.replace(/index\.html$/, "")}`;

export function recall(name) {
  try {
    return JSON.parse(localStorage.getItem(`${PREFIX}${name}`) ?? "null");
  } catch {
    return null;
  }
}

// Whether it could be kept.
export function keep(name, value) {
  try {
    localStorage.setItem(`${PREFIX}${name}`, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}
