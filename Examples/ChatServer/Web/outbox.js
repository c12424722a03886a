// SPDX-License-Identifier: MIT

import { errorText } from "./strings.js";

const RETRY_MS = 2_000;

/** Refusals that say nothing about the message: the same send may succeed later. */
const isPassing = (code) =>
  ["rate_limited", "slow_mode", "overloaded", "storage_unavailable", "shutting_down",
    "disconnected"].includes(code);

/**
 * Sends what is pending, in order, one per room at a time, until each is answered.
 *
 * A message keeps its client_id over every retry, so that one which was stored although its answer
 * got lost is not stored twice. The entries live in the store and, over a reload, in the tab's
 * sessionStorage.
 */
export class Outbox {
  #connection;
  #store;
  #busy = new Set();
  #timers = new Map();
  #saved = "";
  #owner = null;

  constructor(connection, store) {
    this.#connection = connection;
    this.#store = store;
  }

  /** `files`: those that the message has; it waits until each has an id. */
  send(room, text, replyTo, files) {
    const entry = { clientID: crypto.randomUUID?.() ?? randomID(), room, text, at: Date.now() };
    if (replyTo) entry.replyTo = replyTo;
    if (files?.length) entry.files = files;
    this.#store.dispatch({ type: "queued", entry });
    this.flush();
  }

  retry(clientID) {
    this.#store.dispatch({ type: "failed", clientID, error: undefined });
    this.flush();
  }

  discard(clientID) {
    this.#store.dispatch({ type: "discarded", clientID });
    this.flush();
  }

  /** Starts the first pending message of every room that has none on its way. */
  flush() {
    this.#save();
    if (!this.#connection.ready) return;
    const seen = new Set();
    for (const entry of this.#store.state.pending) {
      // A message whose files are on their way holds nobody up.
      if (seen.has(entry.room) || entry.error || entry.files?.some((one) => !one.id)) continue;
      seen.add(entry.room);
      if (!this.#busy.has(entry.room) && !this.#timers.has(entry.room)) this.#transmit(entry);
    }
  }

  async #transmit(entry) {
    this.#busy.add(entry.room);
    const { clientID, room, text } = entry;
    try {
      const command = { type: "send", room, client_id: clientID, text };
      if (entry.replyTo) command.reply_to = entry.replyTo;
      if (entry.files) command.attachments = entry.files.map((one) => one.id);
      const answer = await this.#connection.request(command);
      this.#store.dispatch({ type: "acknowledged", clientID, seq: answer.seq, at: answer.at });
    } catch (error) {
      if (!isPassing(error.code)) {
        this.#store.dispatch({ type: "failed", clientID, error: await errorText(error) });
      } else if (error.code !== "disconnected") {
        this.#pause(room, error.retryAfter ?? RETRY_MS);
      }
    }
    this.#busy.delete(entry.room);
    this.flush();
  }

  #pause(room, delay) {
    this.#timers.set(room, setTimeout(() => {
      this.#timers.delete(room);
      this.flush();
    }, delay));
  }

  /** Messages of the same person that an earlier load of this tab could not send. */
  restore(me) {
    this.#owner = me;
    this.#saved = "";
    const saved = JSON.parse(sessionStorage.getItem("chat.outbox") ?? "null");
    if (saved?.me !== me) return;
    const known = new Set(this.#store.state.pending.map((entry) => entry.clientID));
    for (const entry of saved.pending) {
      if (!known.has(entry.clientID)) this.#store.dispatch({ type: "queued", entry });
    }
  }

  #save() {
    const { me, pending } = this.#store.state;
    // What an earlier load left is read before anything is written over it.
    if (!me || me.id !== this.#owner) return;
    const text = JSON.stringify({ me: me.id, pending });
    if (text === this.#saved) return;
    this.#saved = text;
    sessionStorage.setItem("chat.outbox", text);
  }
}

// crypto.randomUUID exists on secure origins only, and this page may be opened over plain http.
function randomID() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
