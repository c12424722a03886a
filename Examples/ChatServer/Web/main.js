// SPDX-License-Identifier: MIT

import { Connection } from "./connection.js";
import { Outbox } from "./outbox.js";
import { Receipts, Typing } from "./signals.js";
import { initialState, reduce } from "./store.js";
import { View } from "./view.js";

const HISTORY_PAGE = 50;
const LIST_PAGE = 100;
const MEMBERS_SHOWN = 500;
const MEMBERS_REFRESH_MS = 10_000;
const PAUSE_MS = 2_000;

const query = new URLSearchParams(location.search);
let wantedRoom = query.get("room");
let identity = null;
let drawing = false;
const busy = new Set();

const store = {
  state: initialState,
  dispatch(action) {
    const next = reduce(this.state, action);
    if (next === this.state) return;
    this.state = next;
    changed();
  },
};

const tokenKey = (name) => `chat.token.${name.toLowerCase()}`;

const url = new URL("/ws", location.href);
url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
url.search = "";

const connection = new Connection(url, {
  hello() {
    const token = localStorage.getItem(tokenKey(identity.name));
    const who = token ? { token } : { name: identity.name, keep_name: identity.keep };
    const resume = {};
    for (const room of Object.values(store.state.rooms)) {
      if (room.joined && room.last !== null) resume[room.id] = room.last;
    }
    return { ...who, resume, client: "web" };
  },
  welcome,
  refused(error) {
    if (error.code === "invalid_token") {
      // Another store is behind the address now: neither the token nor our positions mean anything.
      localStorage.removeItem(tokenKey(identity.name));
      store.dispatch({ type: "forgotten" });
      return true;
    }
    const texts = { name_taken: "Somebody else uses that name." };
    signedOut(texts[error.code] ?? error.message);
    return false;
  },
  event(event) {
    store.dispatch({ type: "event", event });
    if (event.type === "members" && event.room === store.state.open) refreshMembers(event.room);
    // Events come for rooms that this user is in: one that is not known was entered elsewhere.
    if (typeof event.room === "string") learn(event.room);
  },
  state: (state) => store.dispatch({ type: "connection", connection: state }),
});

const outbox = new Outbox(connection, store);
const typing = new Typing(connection);
const view = new View({
  signIn(name, keep) {
    identity = { name, keep };
    view.signInError("");
    connection.start();
  },
  signOut() {
    localStorage.removeItem(tokenKey(identity.name));
    connection.request({ type: "logout" }).catch(() => {});
    signedOut("");
  },
  retryNow: () => connection.retryNow(),
  redraw: () => draw(),
  scrolled() {
    view.scrolled();
    receipts.check();
  },
  open: openRoom,
  older: () => loadHistory(store.state.open),
  async create(name, isPrivate) {
    const answer = await ask({ type: "room.create", name, private: isPrivate });
    if (answer) enter(answer.room);
  },
  async join() {
    const answer = await ask({ type: "room.join", room: store.state.open });
    if (answer) enter(answer.room);
  },
  async leave() {
    const room = store.state.open;
    typing.stop();
    if (!await ask({ type: "room.leave", room })) return;
    store.dispatch({ type: "exited", room });
    if (store.state.open) openRoom(store.state.open);
  },
  send(text, replyTo) {
    outbox.send(store.state.open, text, replyTo);
  },
  retry: (clientID) => outbox.retry(clientID),
  discard: (clientID) => outbox.discard(clientID),
  edit: (target, text) => ask({ type: "edit", room: store.state.open, target, text }),
  remove: (message) => ask({ type: "delete", room: store.state.open, target: message.seq }),
  react: (target, emoji, add) =>
    ask({ type: add ? "react" : "unreact", room: store.state.open, target, emoji }),
  async readers(seq) {
    const answer = await ask({ type: "readers", room: store.state.open, seq });
    if (!answer) return;
    const names = answer.readers.map((user) => user.name).join(", ");
    say(names ? `Read by ${names}` : `Nobody has read it yet (${answer.status}).`);
  },
  typing: (text) => typing.changed(store.state.open, text),
  stopTyping: () => typing.stop(),
  lastOwn() {
    const { me, open, rooms } = store.state;
    return rooms[open]?.messages.findLast((message) =>
      message.from?.id === me.id && !message.deleted && !message.note);
  },
});

const receipts = new Receipts(connection, store, (room) =>
  room === store.state.open && document.visibilityState === "visible"
    && store.state.rooms[room].loaded && view.atBottom);

const say = (text) => store.dispatch({ type: "notice", text });

/** A command whose refusal is worth a line on the page; undefined if it was refused. */
async function ask(command) {
  try {
    const answer = await connection.request(command);
    if (store.state.notice) say("");
    return answer;
  } catch (error) {
    say(error.code === "disconnected" ? "Not connected: try again in a moment." : error.message);
    return undefined;
  }
}

function welcome(answer) {
  if (answer.token) localStorage.setItem(tokenKey(identity.name), answer.token);
  sessionStorage.setItem("chat.name", identity.name);
  store.dispatch({ type: "welcome", answer });
  outbox.restore(answer.user.id);
  outbox.flush();
  if (document.hidden) setPresence();
  listRooms().catch(() => {}).then(() => openRoom(store.state.open));
}

function signedOut(text) {
  sessionStorage.removeItem("chat.name");
  sessionStorage.removeItem("chat.outbox");
  connection.stop(text);
  store.dispatch({ type: "signedOut" });
  view.signInError(text);
}

async function listRooms() {
  const rooms = [];
  for (;;) {
    const answer = await connection.request({
      type: "room.list", offset: rooms.length, limit: LIST_PAGE, watch: true,
    });
    rooms.push(...answer.rooms);
    if (answer.end || answer.rooms.length === 0) break;
  }
  store.dispatch({ type: "listed", rooms });
  const wanted = wantedRoom?.toLowerCase();
  wantedRoom = null;
  const found = rooms.find((room) => room.name.toLowerCase() === wanted);
  if (!found) return;
  const answer = await ask({ type: "room.join", room: found.id });
  if (answer) store.dispatch({ type: "entered", room: answer.room });
  store.dispatch({ type: "open", room: found.id });
}

function enter(room) {
  store.dispatch({ type: "entered", room });
  openRoom(room.id);
}

function openRoom(id) {
  typing.stop();
  const another = store.state.open !== id;
  store.dispatch({ type: "open", room: id });
  if (another) view.entered();
  const room = store.state.rooms[id];
  if (!room?.joined) return;
  loadMembers(id);
  describe(id);
  if (!room.loaded) loadHistory(id);
}

function describe(id) {
  connection.request({ type: "room.get", room: id })
    .then((answer) => store.dispatch({ type: "snapshot", ...answer }))
    .catch(() => {});
}

/** A room that another device of this user entered: asks where it stands. */
async function learn(id) {
  const known = store.state.rooms[id];
  const key = `learn ${id}`;
  if (!known || known.joined || busy.has(key) || !connection.ready) return;
  busy.add(key);
  try {
    const answer = await connection.request({ type: "whoami" });
    const room = answer.rooms.find((one) => one.id === id);
    if (room) store.dispatch({ type: "entered", room });
  } catch {
    // The next hello tells all rooms.
  }
  busy.delete(key);
}

/** One page: the newest if nothing is there yet, else what comes before the oldest. */
async function loadHistory(id) {
  const room = store.state.rooms[id];
  const key = `history ${id}`;
  if (!room?.joined || busy.has(key) || !connection.ready) return;
  if (room.loaded && room.atStart) return;
  busy.add(key);
  store.dispatch({ type: "historyStart", room: id });
  const command = { type: "history", room: id, limit: HISTORY_PAGE };
  if (room.loaded && room.messages.length > 0) command.before = room.messages[0].seq;
  try {
    const answer = await connection.request(command);
    const end = answer.end || answer.messages.length === 0;
    store.dispatch({ type: "history", room: id, messages: answer.messages, end });
    busy.delete(key);
  } catch (error) {
    store.dispatch({ type: "historyFailed", room: id });
    // The view asks again with every frame that shows the top: a refusal must slow it down.
    const delay = error.code === "disconnected" ? 0 : error.retryAfter ?? PAUSE_MS;
    setTimeout(() => {
      busy.delete(key);
      draw();
    }, delay);
  }
}

async function loadMembers(id) {
  const key = `members ${id}`;
  if (busy.has(key)) return;
  busy.add(key);
  try {
    for (let offset = 0; offset < MEMBERS_SHOWN;) {
      const { members, total, online } = await connection.request({
        type: "room.members", room: id, offset, limit: LIST_PAGE,
      });
      const first = offset === 0;
      store.dispatch({ type: "members", room: id, members, total, online, first });
      offset += members.length;
      if (members.length === 0 || offset >= total) break;
    }
  } catch {
    // The next connection loads them again.
  }
  busy.delete(key);
}

/** A large room tells counts only; its list is fetched again now and then. */
function refreshMembers(id) {
  const key = `refresh ${id}`;
  if (busy.has(key)) return;
  busy.add(key);
  setTimeout(() => {
    busy.delete(key);
    if (store.state.open === id) loadMembers(id);
  }, MEMBERS_REFRESH_MS);
}

/** Asks for the events between what was applied and what is held back. */
async function fillHole(id) {
  const key = `hole ${id}`;
  if (busy.has(key) || !connection.ready) return;
  busy.add(key);
  try {
    while (store.state.rooms[id]?.held.length > 0) {
      const after = store.state.rooms[id].last;
      const answer = await connection.request({ type: "events", room: id, after });
      if (answer.events.length === 0) break;
      for (const event of answer.events) {
        store.dispatch({ type: "event", event: { room: id, ...event } });
      }
    }
  } catch {
    // The next hello resumes at `last` and so fills it.
  }
  busy.delete(key);
}

function changed() {
  for (const room of Object.values(store.state.rooms)) {
    if (room.held.length > 0) fillHole(room.id);
    if (room.stale && room.id === store.state.open) loadHistory(room.id);
  }
  outbox.flush();
  draw();
}

/** Once per frame; a hidden tab has no frames, but a title that shows what is unread. */
function draw() {
  if (drawing) return;
  drawing = true;
  const now = () => {
    drawing = false;
    view.render(store.state);
    receipts.check();
  };
  if (document.hidden) setTimeout(now, 100);
  else requestAnimationFrame(now);
}

function setPresence() {
  const status = document.hidden ? "away" : "online";
  connection.request({ type: "presence.set", status }).catch(() => {});
}

document.addEventListener("visibilitychange", () => {
  // A frame that was asked for before hiding may never come.
  drawing = false;
  draw();
  setPresence();
  if (!document.hidden) connection.retryNow();
});

const name = sessionStorage.getItem("chat.name");
document.getElementById("name").value = query.get("name") ?? name ?? "";
draw();
if (name) {
  identity = { name, keep: true };
  connection.start();
}
