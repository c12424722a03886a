// SPDX-License-Identifier: MIT

// Files on their way to the server: each goes in pieces, and goes on where it stopped.

import { call, disconnected, refusalOf } from "./api.js";
import { describe } from "./picture.js";
import { sha256 } from "./sha256.js";
import { errorText, t } from "./strings.js";
import { sizeText } from "./tray.js";
import { forget, forgetAll, keep, kept } from "./vault.js";

const MOST_FILES = 10;
const AT_ONCE = 2;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
const SILENCE_MS = 60_000;
const PASSING = ["disconnected", "rate_limited", "overloaded", "storage_unavailable", "shutting_down", "offset_mismatch",
  "token_expired", "invalid_token", "unavailable"];

let only = null;

/** The uploads of this page; `page` is the page's Commands. */
export const uploadsOf = (page) => only ??= new Uploads(page);

class Uploads {
  #page;
  #all = new Map();
  #running = 0;
  #queue = [];
  /** Until what an earlier load of this tab was sending is known again. */
  resumed = Promise.resolve();

  constructor(page) {
    this.#page = page;
    document.addEventListener("welcome", () => this.wake());
    document.addEventListener("signedout", () => {
      this.cancelAll();
      forgetAll();
    });
    addEventListener("beforeunload", (event) => {
      if ([...this.#all.values()].some((one) => !one.file && !one.error)) event.preventDefault();
    });
  }

  #dispatch(change) {
    this.#page.store.dispatch({ type: "kept", kept: change(this.#page.state) });
  }

  /** Puts files into what is being written in a room, and begins to send them. */
  async add(room, files) {
    this.#forget();
    const { server, tray } = this.#page.state;
    const known = tray[room] ?? [];
    const fitting = [];
    for (const file of files) {
      if (known.length + fitting.length >= MOST_FILES) {
        this.#page.say(t("tooManyFiles", { n: MOST_FILES }));
        break;
      }
      if (file.size > server.file_bytes) {
        this.#page.say(t("fileTooLarge", { name: file.name, size: sizeText(server.file_bytes) }));
      } else if (!await isReadable(file)) {
        this.#page.say(t("fileUnreadable", { name: file.name }));
      } else {
        fitting.push(this.#new(room, file));
      }
    }
    if (fitting.length === 0) return;
    const items = fitting.map(({ key, source }) => ({ key, name: source.name, bytes: source.size }));
    this.#dispatch((state) => ({ tray: { ...state.tray, [room]: [...(state.tray[room] ?? []), ...items] } }));
    for (const upload of fitting) this.#enqueue(upload);
  }

  /** Lets go of what was sent, with its picture. */
  #forget() {
    const { tray, pending } = this.#page.state;
    const waiting = new Set([...Object.values(tray), ...pending.map((entry) => entry.files ?? [])].flat().map((one) => one.key));
    for (const { key, phase } of this.#all.values()) {
      if (phase === "done" && !waiting.has(key)) this.#all.delete(key);
    }
  }

  /** Goes on with the files of messages that an earlier load of this tab could not send. */
  resume() {
    const lost = this.#page.state.pending.filter((entry) => entry.files?.some((one) => !one.id && !this.#all.has(one.key)));
    const work = lost.flatMap(({ room, files }) => files.filter((one) => !one.id && !this.#all.has(one.key))
      .map(async ({ key }) => {
        const source = await kept(key);
        if (source) this.#enqueue(this.#new(room, source, key));
        else this.#lose(key);
      }));
    this.resumed = Promise.all(work);
  }

  #lose(key) {
    this.#mark({ key, views: new Set() }, { error: t("uploadLost") });
  }

  #new(room, source, key = `${Date.now()}-${Math.random()}`) {
    const upload = {
      key, room, source, id: null, sent: 0, phase: "queued", error: null, file: null,
      picture: null, stop: new AbortController(), views: new Set(), wake: null, pauses: 0,
    };
    this.#all.set(upload.key, upload);
    keep(key, source);
    return upload;
  }

  /** Calls `view(upload)` now and with every change, as long as `node` stays in the page. */
  watch(key, node, view) {
    const upload = this.#all.get(key);
    if (!upload) return;
    upload.views.add({ node, view, wasShown: false });
    view(upload);
  }

  has(key) {
    return this.#all.has(key);
  }

  #changed(upload) {
    for (const one of upload.views) {
      if (one.wasShown && !one.node.isConnected) upload.views.delete(one);
      one.wasShown ||= one.node.isConnected;
      one.view(upload);
    }
  }

  // What becomes of them

  /** Takes a file back, wherever it stands. */
  cancel(key) {
    const upload = this.#all.get(key);
    this.#dispatch((state) => ({
      tray: mapped(state.tray, (list) => list.filter((one) => one.key !== key)),
      pending: state.pending.map((entry) => !entry.files?.some((one) => one.key === key) ? entry
        : { ...entry, files: entry.files.filter((one) => one.key !== key) })
        .filter((entry) => !entry.files || entry.files.length > 0 || entry.text),
    }));
    if (!upload) return;
    this.#all.delete(key);
    forget(key);
    upload.stop.abort();
    if (upload.id) call(this.#page, "DELETE", `/uploads/${upload.id}`).catch(() => {});
  }

  cancelAll() {
    for (const key of [...this.#all.keys()]) this.cancel(key);
  }

  retry(key) {
    const upload = this.#all.get(key);
    if (!upload) this.#lose(key);
    if (!upload?.error) return;
    Object.assign(upload, { error: null, id: null, pauses: 0 });
    this.#mark(upload, { error: undefined });
    this.#enqueue(upload);
  }

  /** The network is back: nobody waits any longer. */
  wake() {
    for (const upload of this.#all.values()) upload.wake?.();
  }

  /** Says what is known of a file, where it is shown and where it waits to be sent. */
  #mark(upload, change) {
    const altered = (list) => list.map((one) => one.key === upload.key ? { ...one, ...change } : one);
    this.#dispatch((state) => ({
      tray: mapped(state.tray, altered),
      pending: state.pending.map((entry) => !entry.files?.some((one) => one.key === upload.key) ? entry
        : { ...entry, files: altered(entry.files), error: change.error ?? entry.error }),
    }));
    this.#changed(upload);
  }

  // Sending

  #enqueue(upload) {
    upload.phase = "queued";
    this.#queue.push(upload);
    this.#changed(upload);
    this.#next();
  }

  #next() {
    while (this.#running < AT_ONCE && this.#queue.length > 0) {
      const upload = this.#queue.shift();
      if (upload.stop.signal.aborted) continue;
      this.#running++;
      this.#run(upload).finally(() => {
        this.#running--;
        this.#next();
      });
    }
  }

  async #run(upload) {
    while (!upload.stop.signal.aborted) {
      try {
        await this.#prepare(upload);
        const file = await this.#transfer(upload);
        upload.file = file;
        upload.phase = "done";
        forget(upload.key);
        this.#mark(upload, { ...file, error: undefined });
        return;
      } catch (error) {
        if (upload.stop.signal.aborted) return;
        if (!PASSING.includes(error.code) || upload.pauses > 200) {
          await this.#fail(upload, error);
          return;
        }
        await this.#pause(upload, error.retryAfter);
      }
    }
  }

  async #fail(upload, error) {
    upload.phase = "failed";
    const size = sizeText(this.#page.state.server.file_bytes);
    upload.error = error.code ? await errorText(error, { size }) : t("fileUnreadable", { name: upload.source.name });
    this.#mark(upload, { error: upload.error });
  }

  /** Until the network is back, or for a while. */
  #pause(upload, retryAfter) {
    upload.phase = "waiting";
    this.#changed(upload);
    const delay = retryAfter ?? Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** upload.pauses);
    upload.pauses++;
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        upload.wake = null;
        resolve();
      };
      const timer = setTimeout(end, delay);
      upload.wake = end;
      upload.stop.signal.addEventListener("abort", end, { once: true });
    });
  }

  /** Its hash and, of a picture, its size and a small one: once. */
  async #prepare(upload) {
    if (upload.hash) return;
    upload.phase = "preparing";
    this.#changed(upload);
    upload.picture = await describe(upload.source);
    this.#changed(upload);
    upload.hash = await sha256(upload.source, upload.stop.signal);
  }

  async #transfer(upload) {
    upload.phase = "sending";
    let offset = await this.#offset(upload);
    for (;;) {
      upload.sent = offset;
      this.#changed(upload);
      const answer = await this.#append(upload, offset);
      upload.pauses = 0;
      if (answer.file) return answer.file;
      offset = answer.offset;
    }
  }

  /** Where to go on: at the beginning of a new upload, or where the server says. */
  async #offset(upload) {
    const { signal } = upload.stop;
    if (upload.id) {
      try {
        const response = await call(this.#page, "HEAD", `/uploads/${upload.id}`, { signal });
        return Number(response.headers.get("Upload-Offset"));
      } catch (error) {
        if (error.code !== "file_not_found") throw error;
        // The server knows nothing of it any more: from the beginning.
      }
    }
    const { source, hash, picture } = upload;
    const body = { name: source.name, bytes: source.size, sha256: hash };
    if (picture) Object.assign(body, { width: picture.width, height: picture.height });
    if (picture?.preview) body.preview = picture.preview;
    const path = `/rooms/${encodeURIComponent(upload.room)}/uploads`;
    const begun = await (await call(this.#page, "POST", path, { signal, body })).json();
    upload.id = begun.id;
    upload.pieceBytes = begun.chunk_bytes;
    return begun.offset;
  }

  /** Sends a piece. Only XMLHttpRequest tells how much of a body is on its way. */
  async #append(upload, offset) {
    const bearer = await this.#page.bearer();
    const { signal } = upload.stop;
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      let silence = 0;
      const alive = () => {
        clearTimeout(silence);
        silence = setTimeout(() => request.abort(), SILENCE_MS);
      };
      const stop = () => request.abort();
      signal.addEventListener("abort", stop, { once: true });
      request.upload.onprogress = ({ loaded }) => {
        alive();
        upload.sent = offset + loaded;
        this.#changed(upload);
      };
      request.onloadend = () => {
        clearTimeout(silence);
        signal.removeEventListener("abort", stop);
        if (request.status === 200) resolve({ file: JSON.parse(request.responseText) });
        else if (request.status === 204) resolve({ offset: Number(request.getResponseHeader("Upload-Offset")) });
        else reject(request.status === 0 ? disconnected() : refusalOf(request.status, request.responseText));
      };
      request.open("PATCH", `/api/uploads/${upload.id}`);
      request.setRequestHeader("Authorization", `Bearer ${bearer}`);
      request.setRequestHeader("Upload-Offset", String(offset));
      alive();
      // An empty piece at the end asks for an answer that was lost.
      request.send(upload.source.slice(offset, offset + upload.pieceBytes));
    });
  }
}

const mapped = (tray, change) =>
  Object.fromEntries(Object.entries(tray).map(([room, list]) => [room, change(list)]));

/** Not an empty file, nor a folder, nor one that is gone. */
async function isReadable(file) {
  if (file.size === 0) return false;
  try {
    await file.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}
