// The address remembers the topic and what is looked for, or names a paper.

const isSearch = () => /^#(?:topic|q)=/.test(location.hash);

// The id of the paper that the address names; empty where it names none. `#p2509-00001` is a place on
// the page, `#2509.00001` what people write.
export function paperInAddress() {
  const name = location.hash.slice(1).replace(/^p(?=[\da-z])/, "");
  const [, year, number] = /^(\d{4})[.-](\d{4,5})(?:v\d+)?$/.exec(name) ?? [];
  if (year) return `${year}.${number}`;
  const [, archive, subject, old] = /^([a-z-]+?)(?:[.-]([A-Z]{2}))?[/-](\d{7})(?:v\d+)?$/.exec(name) ?? [];
  return archive ? `${archive}${subject ? `.${subject}` : ""}/${old}` : "";
}

export function searchInAddress() {
  const address = new URLSearchParams(isSearch() ? location.hash.slice(1) : "");
  return { query: address.get("q") ?? "", topic: address.get("topic") ?? "" };
}

let remembered = "";

let remembering = 0;

// Writes what is asked for, after a while in which nothing else is; a paper that the address names
// already may be looked for in the archive.
export function remember({ query, topic }) {
  clearTimeout(remembering);
  remembering = setTimeout(() => {
    if (query !== `id:"${paperInAddress()}"`) write({ query, topic });
  }, 200);
}

// Writes only what is newly asked for, because the address may name a paper by now.
function write({ query, topic }) {
  const address = new URLSearchParams();
  if (topic) address.set("topic", topic);
  if (query) address.set("q", query);
  const hash = String(address) && `#${address}`;
  const isKnown = hash === remembered || hash === location.hash;
  remembered = hash;
  if (isKnown || !(hash || isSearch())) return;
  try {
    history.replaceState(null, "", hash || location.pathname + location.search);
  } catch {
    // Safari allows a hundred changes in half a minute.
  }
}
