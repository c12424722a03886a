// SPDX-License-Identifier: MIT

// Files that are on their way, kept by the browser so that a reload goes on with them. Where it keeps nothing
// (some do not in private windows), a reload loses them, and says so.

const NAME = "chat.files";
const LARGEST_BYTES = 100_000_000;

let database = null;

function open() {
  database ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(NAME);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return database;
}

/** Resolves with the result of `ask(store)`; undefined if the browser refuses. */
async function withStore(mode, ask) {
  try {
    const transaction = (await open()).transaction(NAME, mode);
    return await new Promise((resolve, reject) => {
      const request = ask(transaction.objectStore(NAME));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  } catch {
    return undefined;
  }
}

export const keep = (key, file) =>
  file.size > LARGEST_BYTES ? undefined : withStore("readwrite", (store) => store.put(file, key));
export const kept = (key) => withStore("readonly", (store) => store.get(key));
export const forget = (key) => withStore("readwrite", (store) => store.delete(key));
export const forgetAll = () => withStore("readwrite", (store) => store.clear());
