// The address remembers the topic and what is looked for, or names a paper.

const isSearch = () => /^#(?:topic|q)=/.test(location.hash);

// The paper that the address names; empty where it names none.
export function paperInAddress() {
  const name = decodeURIComponent(location.hash.slice(1));
  return /^(?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?\/\d{7})$/.test(name) ? name : "";
}

export function searchInAddress() {
  const address = new URLSearchParams(isSearch() ? location.hash.slice(1) : "");
  return { query: address.get("q") ?? "", topic: address.get("topic") ?? "" };
}

export function remember({ query, topic }) {
  const address = new URLSearchParams();
  if (topic) address.set("topic", topic);
  if (query) address.set("q", query);
  const hash = String(address) && `#${address}`;
  if (hash === location.hash || !(hash || isSearch())) return;
  try {
    history.replaceState(null, "", hash || location.pathname + location.search);
  } catch {
    // Safari allows a hundred changes in half a minute.
  }
}
