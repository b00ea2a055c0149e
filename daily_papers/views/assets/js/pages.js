// Parts of a file: the lines that begin in some of its pages.

export const PAGE = 4096; // Bytes of a page.
const MORE = 16_384;

// The server does not have the file that was asked for, or not by parts.
export class NoPartError extends Error {}

// The bytes of a file from `begin` to `end`, which is not among them.
async function bytes(name, size, begin, end, signal) {
  // A part that an old copy of the file has in the browser's cache would not fit the others.
  const response = await fetch(name, { signal, cache: "no-store", headers: { Range: `bytes=${begin}-${end - 1}` } });
  const isPart = response.headers.get("Content-Range") === `bytes ${begin}-${end - 1}/${size}`;
  if (response.status !== 206 || !isPart) {
    response.body?.cancel();
    throw new NoPartError(`${name} was not sent in parts (${response.status}).`);
  }
  return new Uint8Array(await response.arrayBuffer());
}

// The lines of a file that begin in the pages from `first` to `last`.
//
// Args: the file's name and how many bytes it must have, the pages, by how much a line may be
// expected to reach into the next page, and what stops it.
export async function lines(name, size, first, last, reach, signal) {
  const begin = Math.max(0, first * PAGE - 1); // Where the line before ends, if it is not page 0.
  const border = Math.min(size, (last + 1) * PAGE);
  if (begin >= border) return [];
  let data = await bytes(name, size, begin, Math.min(size, border + reach), signal);
  let end = data.indexOf(10, border - begin - 1);
  while (end < 0 && begin + data.length < size) {
    const done = begin + data.length;
    const more = await bytes(name, size, done, Math.min(size, done + MORE), signal);
    const all = new Uint8Array(data.length + more.length);
    all.set(data);
    all.set(more, data.length);
    end = more.indexOf(10) < 0 ? -1 : data.length + more.indexOf(10);
    data = all;
  }
  const start = first ? data.indexOf(10) + 1 : 0;
  if (end < 0) end = data.length;
  return start < end ? new TextDecoder().decode(data.subarray(start, end)).split("\n") : [];
}
