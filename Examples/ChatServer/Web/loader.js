// SPDX-License-Identifier: MIT

const HISTORY_PAGE = 50;
const LIST_PAGE = 100;
const MEMBERS_SHOWN = 500;
const MEMBERS_REFRESH_MS = 10_000;
const PAUSE_MS = 2_000;

/** Fetches what the page shows beside the live events: each thing once at a time. */
export class Loader {
  #connection;
  #store;
  #busy = new Set();
  #underWay = new Map();
  #again;
  // How many of a room's members are known, from the first on.
  #shown = new Map();

  /** `again()` is called when a pause after a refusal is over. */
  constructor(connection, store, again) {
    this.#connection = connection;
    this.#store = store;
    this.#again = again;
  }

  #room(id) {
    return this.#store.state.rooms[id];
  }

  /** Runs `work` unless the same is under way; a lost connection is no failure: it begins anew. */
  async #once(key, work) {
    if (this.#busy.has(key) || !this.#connection.ready) return;
    this.#busy.add(key);
    try {
      await work();
      this.#busy.delete(key);
    } catch (error) {
      // Asked with every frame: a refusal must slow it down.
      const delay = error.code === "disconnected" ? 0 : error.retryAfter ?? PAUSE_MS;
      setTimeout(() => {
        this.#busy.delete(key);
        this.#again();
      }, delay);
    }
  }

  // Messages

  newest(id) {
    return this.#history(id, "newest", {});
  }

  older(id) {
    const room = this.#room(id);
    if (!room?.loaded || room.atStart) return undefined;
    const first = room.messages.find((message) => !message.note)?.seq;
    return first === undefined ? this.newest(id) : this.#history(id, "before", { before: first });
  }

  newer(id) {
    const room = this.#room(id);
    if (!room?.loaded || room.atEnd || room.messages.length === 0) return undefined;
    return this.#history(id, "after", { after: room.messages.at(-1).seq });
  }

  around(id, seq) {
    return this.#history(id, "around", { around: seq });
  }

  /** When no page of that room is on its way any more. */
  async settled(id) {
    await this.#underWay.get(id);
  }

  #history(room, direction, anchor) {
    if (!this.#room(room)?.joined) return undefined;
    if (this.#busy.has(`history ${room}`)) return this.#underWay.get(room);
    const work = this.#once(`history ${room}`, async () => {
      this.#store.dispatch({ type: "historyStart", room });
      try {
        const answer = await this.#connection.request({
          type: "history", room, limit: HISTORY_PAGE, ...anchor,
        });
        this.#store.dispatch({
          type: "history", room, direction, messages: answer.messages,
          end: answer.end || (answer.messages.length === 0 && direction !== "around"),
        });
      } catch (error) {
        this.#store.dispatch({ type: "historyFailed", room });
        throw error;
      }
    });
    this.#underWay.set(room, work);
    return work;
  }

  /** Asks for the events between what was applied and what is held back. */
  hole(id) {
    return this.#once(`hole ${id}`, async () => {
      while (this.#room(id)?.held.length > 0) {
        const answer = await this.#connection.request({ type: "events", room: id, after: this.#room(id).last });
        if (answer.events.length === 0) break;
        for (const event of answer.events) {
          this.#store.dispatch({ type: "event", event: { room: id, ...event } });
        }
      }
    });
  }

  // Rooms and members

  describe(id) {
    return this.#once(`get ${id}`, async () => {
      const answer = await this.#connection.request({ type: "room.get", room: id });
      this.#store.dispatch({ ...answer, type: "snapshot" });
    });
  }

  /** As many as were shown before, in large rooms five hundred at first. */
  members(id, more = 0) {
    return this.#once(`members ${id}`, async () => {
      const shown = this.#shown.get(id) ?? 0;
      const wanted = Math.max(MEMBERS_SHOWN, shown + more);
      // A new connection begins anew.
      const isKnown = more > 0 && Object.keys(this.#room(id).people).length >= shown;
      for (let offset = isKnown ? shown : 0; offset < wanted;) {
        const { members, total, online } = await this.#connection.request({
          type: "room.members", room: id, offset, limit: LIST_PAGE,
        });
        const end = offset + members.length;
        this.#store.dispatch({
          type: "members", room: id, members, total, online, first: offset === 0,
          hasMore: end >= wanted && end < total,
        });
        offset = end;
        this.#shown.set(id, Math.max(offset, this.#shown.get(id) ?? 0));
        if (members.length === 0 || offset >= total) break;
      }
    });
  }

  /** A large room tells counts only; its list is fetched again now and then. */
  membersLater(id) {
    const key = `refresh ${id}`;
    if (this.#busy.has(key)) return;
    this.#busy.add(key);
    setTimeout(() => {
      this.#busy.delete(key);
      if (this.#store.state.open === id) this.members(id);
    }, MEMBERS_REFRESH_MS);
  }

  /** One's own rooms with their last messages, then all public ones, of which changes are told. */
  async lists() {
    const own = await this.#pages({ type: "room.joined" });
    this.#store.dispatch({ type: "joinedRooms", rooms: own });
    const rooms = await this.#pages({ type: "room.list", watch: true });
    this.#store.dispatch({ type: "listed", rooms });
    return rooms;
  }

  async #pages(command) {
    const rooms = [];
    for (;;) {
      const answer = await this.#connection.request({ ...command, offset: rooms.length, limit: LIST_PAGE });
      rooms.push(...answer.rooms);
      if (answer.end || answer.rooms.length === 0) return rooms;
    }
  }

  invitations() {
    return this.#once("invitations", async () => {
      const { invitations } = await this.#connection.request({ type: "room.invitations", limit: LIST_PAGE });
      this.#store.dispatch({ type: "invitations", invitations });
    });
  }

  /** Whom one does not want to read; a server without blocks says that there is no such command. */
  blocks() {
    return this.#once("blocks", async () => {
      const answer = await this.#connection.request({ type: "user.blocks", limit: LIST_PAGE }).catch((error) => {
        if (error.code !== "unknown_command") throw error;
        return { blocks: [] };
      });
      const blocked = Object.fromEntries(answer.blocks.map(({ user }) => [user.id, true]));
      this.#store.dispatch({ type: "kept", kept: { blocked } });
    });
  }

  /** A room that events come for although it is not known as one's own: asks where it stands. */
  learn(id) {
    const known = this.#room(id);
    if (!known || known.joined) return undefined;
    return this.#once(`learn ${id}`, async () => {
      const answer = await this.#connection.request({ type: "whoami" });
      const room = answer.rooms.find((one) => one.id === id);
      if (room) this.#store.dispatch({ type: "entered", room });
    });
  }
}
