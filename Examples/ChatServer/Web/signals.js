// SPDX-License-Identifier: MIT

import { unreadOf } from "./log.js";
import { t } from "./strings.js";

const RECEIPT_INTERVAL_MS = 300;
const REFUSED_PAUSE_MS = 5_000;
const TYPING_INTERVAL_MS = 3_000;
const TYPING_IDLE_MS = 2_000;

/** Tells the server what this device has (delivered) and what its user has seen (read). */
export class Receipts {
  #connection;
  #store;
  #isSeen;
  #timers = new Map();

  /** `isSeen(roomID)`: the room is open, the tab visible and the newest message in view. */
  constructor(connection, store, isSeen) {
    this.#connection = connection;
    this.#store = store;
    this.#isSeen = isSeen;
  }

  /** To be called after every change: schedules what is due, at most once per room and interval. */
  check() {
    if (!this.#connection.ready) return;
    for (const room of Object.values(this.#store.state.rooms)) {
      if (!this.#timers.has(room.id) && this.#due(room)) this.#send(room.id);
    }
  }

  #due(room) {
    if (!room.joined || !room.last || unreadOf(room) === 0) return null;
    const due = {};
    // Only others' messages count as unread, so the last of them decides, not the log's head.
    const newest = room.unreadSeqs.at(-1) ?? Math.min(room.last, room.baseHead);
    if (newest > room.delivered) due.delivered = newest;
    if (newest > room.read && this.#isSeen(room.id)) due.read = room.last;
    return due.delivered || due.read ? due : null;
  }

  #send(id) {
    const due = this.#due(this.#store.state.rooms[id]);
    this.#pause(id, RECEIPT_INTERVAL_MS);
    this.#connection.request({ type: "receipt", room: id, ...due })
      .then((answer) => this.#store.dispatch({
        type: "receipt", room: id, delivered: answer.delivered, read: answer.read,
      }))
      .catch((error) => {
        if (error.code !== "disconnected") this.#pause(id, error.retryAfter ?? REFUSED_PAUSE_MS);
      });
  }

  #pause(id, delay) {
    clearTimeout(this.#timers.get(id));
    this.#timers.set(id, setTimeout(() => {
      this.#timers.delete(id);
      this.check();
    }, delay));
  }
}

/** Says that the user types: at once, then at most every 3 s, and when it stops. */
export class Typing {
  #connection;
  #room = null;
  #lastSent = 0;
  #idleTimer = 0;

  constructor(connection) {
    this.#connection = connection;
  }

  changed(room, text) {
    if (!text.trim()) {
      this.stop();
      return;
    }
    if (this.#room !== null && this.#room !== room) this.stop();
    clearTimeout(this.#idleTimer);
    this.#idleTimer = setTimeout(() => this.stop(), TYPING_IDLE_MS);
    if (Date.now() - this.#lastSent < TYPING_INTERVAL_MS) return;
    this.#lastSent = Date.now();
    this.#room = room;
    this.#connection.request({ type: "typing", room, on: true }).catch(() => {});
  }

  stop() {
    clearTimeout(this.#idleTimer);
    if (this.#room === null) return;
    this.#connection.request({ type: "typing", room: this.#room, on: false }).catch(() => {});
    this.#room = null;
    // The server forgets its throttle with a stop too: who sends and types on is shown at once.
    this.#lastSent = 0;
  }
}

/** "A is typing", "A and B are typing", "A, B and 3 others are typing". */
export function typingText(users) {
  const [a, b] = users.map((user) => user.name);
  switch (users.length) {
  case 0: return "";
  case 1: return t("typing1", { a });
  case 2: return t("typing2", { a, b });
  case 3: return t("typing3", { a, b });
  default: return t("typingMany", { a, b, n: users.length - 2 });
  }
}
