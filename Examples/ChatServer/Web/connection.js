// SPDX-License-Identifier: MIT

const FIRST_DELAY_MS = 400;
const LONGEST_DELAY_MS = 20_000;
const CONNECT_TIMEOUT_MS = 10_000;
const PASSING = ["rate_limited", "overloaded", "storage_unavailable", "shutting_down"];

/** The server's `error` answer; `code` is one of the table in docs/protocol.md. */
export class ChatError extends Error {
  constructor(answer) {
    super(answer.message || answer.code);
    this.code = answer.code;
    this.field = answer.field;
    this.details = answer.details;
    this.retryAfter = answer.retry_after_ms;
  }
}

/** The connection ended before the answer came; whether the command took effect is not known. */
export class Disconnected extends Error {
  constructor() {
    super("not connected");
    this.code = "disconnected";
  }
}

/**
 * One session that outlives its sockets: connects, says hello, pings, and connects again.
 *
 * `hooks`: `hello(request)` resolves with the command that signs in (called for every attempt, so that
 * it can carry the newest positions), `welcome(answer)`, `refused(error)` returns true to try hello again at once,
 * `event(object)`, `state({ phase, retryAt, reason })`.
 */
export class Connection {
  #url;
  #hooks;
  #socket = null;
  #waiting = new Map();
  #nextID = 1;
  #attempt = 0;
  #retryTimer = 0;
  #pingTimer = 0;
  #deadTimer = 0;
  #heartbeat = 25_000;
  #timeout = 60_000;
  #ready = false;
  #stopped = true;

  constructor(url, hooks) {
    this.#url = url;
    this.#hooks = hooks;
    addEventListener("online", () => this.retryNow());
    addEventListener("offline", () => this.#state("offline"));
    // A page that is kept for the back button is frozen: it must not count as somebody who is there.
    addEventListener("pagehide", () => this.#socket?.close());
  }

  get ready() {
    return this.#ready;
  }

  start() {
    this.#stopped = false;
    this.#attempt = 0;
    this.#open();
  }

  /** Ends for good; `start` begins anew. */
  stop(reason = "") {
    this.#stopped = true;
    clearTimeout(this.#retryTimer);
    const socket = this.#socket;
    this.#drop();
    socket?.close(1000);
    this.#state("closed", { reason });
  }

  /** Cuts a wait short: the network came back, the tab became visible, or the user asked. */
  retryNow() {
    if (this.#stopped || this.#socket) return;
    clearTimeout(this.#retryTimer);
    this.#open();
  }

  /** Sends one command; resolves with its `ok` answer, rejects with ChatError or Disconnected. */
  request(command) {
    if (!this.#ready) return Promise.reject(new Disconnected());
    return this.#request(command);
  }

  #request(command) {
    const id = this.#nextID++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#socket.send(JSON.stringify({ ...command, id }));
      this.#schedulePing();
    });
  }

  #open() {
    this.#state("connecting");
    const socket = new WebSocket(this.#url, "chat.v1.json");
    this.#socket = socket;
    this.#deadTimer = setTimeout(() => this.#lost(socket, 0, ""), CONNECT_TIMEOUT_MS);
    socket.onopen = () => this.#hello(socket);
    socket.onmessage = (message) => this.#received(socket, message.data);
    socket.onclose = (close) => this.#lost(socket, close.code, close.reason);
  }

  async #hello(socket) {
    try {
      // Whatever else is asked before belongs to this socket too.
      const ask = (command) => socket === this.#socket
        ? this.#request(command) : Promise.reject(new Disconnected());
      const answer = await ask(await this.#hooks.hello(ask));
      if (socket !== this.#socket) return;
      this.#attempt = 0;
      this.#heartbeat = answer.heartbeat_ms || this.#heartbeat;
      this.#timeout = answer.heartbeat_timeout_ms || this.#timeout;
      this.#ready = true;
      this.#hooks.welcome(answer);
      this.#state("online");
      this.#schedulePing();
    } catch (error) {
      if (socket !== this.#socket || !(error instanceof ChatError)) return;
      if (PASSING.includes(error.code)) {
        // Refused for now only: the same as a connection that did not come about.
        this.#lost(socket, 0, "");
      } else if (this.#hooks.refused(error)) {
        this.#hello(socket);
      }
    }
  }

  #received(socket, data) {
    if (socket !== this.#socket) return;
    clearTimeout(this.#deadTimer);
    // The browser answers ping frames unseen, so silence is measured on what arrives, and our own
    // pings make sure that something does.
    this.#deadTimer = setTimeout(() => this.#lost(socket, 4002, ""), this.#timeout);
    let object;
    try {
      object = JSON.parse(data);
    } catch {
      return;
    }
    if (object.type !== "ok" && object.type !== "error") {
      this.#hooks.event(object);
      return;
    }
    const waiting = this.#waiting.get(object.id);
    if (!waiting) return;
    this.#waiting.delete(object.id);
    if (object.type === "ok") waiting.resolve(object);
    else waiting.reject(new ChatError(object));
  }

  #schedulePing() {
    clearTimeout(this.#pingTimer);
    if (!this.#ready) return;
    this.#pingTimer = setTimeout(() => {
      this.request({ type: "ping" }).catch(() => {});
    }, this.#heartbeat);
  }

  #lost(socket, code, reason) {
    if (socket !== this.#socket) return;
    this.#drop();
    socket.close();
    if (this.#stopped) return;
    if (code >= 4500 && code <= 4999) {
      this.#stopped = true;
      this.#state("closed", { reason: reason || `closed (${code})` });
      return;
    }
    // Full jitter on the upper half: clients of a restarted server do not come back in step.
    const ceiling = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#attempt++);
    const delay = ceiling / 2 + (Math.random() * ceiling) / 2;
    this.#retryTimer = setTimeout(() => this.#open(), delay);
    this.#state("waiting", { retryAt: Date.now() + delay });
  }

  #drop() {
    this.#socket = null;
    this.#ready = false;
    clearTimeout(this.#pingTimer);
    clearTimeout(this.#deadTimer);
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(new Disconnected());
  }

  #state(phase, more = {}) {
    if (phase === "offline" && this.#ready) return;
    this.#hooks.state({ phase, retryAt: 0, reason: "", ...more });
  }
}
