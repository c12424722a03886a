// SPDX-License-Identifier: MIT

// Puts the page together.

import { Commands } from "./commands.js";
import { Connection } from "./connection.js";
import { byID } from "./dom.js";
import { keep, restore } from "./keeping.js";
import { Loader } from "./loader.js";
import { Outbox } from "./outbox.js";
import { Session } from "./session.js";
import { Receipts, Typing } from "./signals.js";
import { initialState, reduce } from "./store.js";
import { chosenLanguage, setLanguage, t } from "./strings.js";
import { View } from "./view.js";

const query = new URLSearchParams(location.search);
let wantedRoom = query.get("room");
let wantedCode = query.get("join");
let drawing = false;

await setLanguage(chosenLanguage());

const store = {
  // A reload comes back to the room that was open.
  state: { ...initialState, open: sessionStorage.getItem("chat.open") },
  dispatch(action) {
    const next = reduce(this.state, action);
    if (next === this.state) return;
    const before = this.state;
    this.state = next;
    changed(before);
  },
};

const url = new URL("/ws", location.href);
url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
url.search = "";

const session = new Session();
const connection = new Connection(url, {
  hello(request) {
    const resume = {};
    for (const room of Object.values(store.state.rooms)) {
      if (room.joined && room.last !== null) resume[room.id] = room.last;
    }
    return session.command(resume, request);
  },
  welcome,
  refused(error) {
    // With another store behind the address our positions mean nothing.
    if (error.code === "invalid_token") store.dispatch({ type: "forgotten" });
    if (session.refused(error)) return true;
    signedOut(error);
    return false;
  },
  event: received,
  state(state) {
    store.dispatch({ type: "connection", connection: state });
    // The server ended it for good.
    if (state.phase === "closed" && state.reason && store.state.me) signedOut({ code: state.reason, message: state.reason });
  },
});

const outbox = new Outbox(connection, store);
const typing = new Typing(connection);
const loader = new Loader(connection, store, () => draw());
const commands = new Commands({
  store, connection, session, outbox, typing, loader, draw: () => draw(), openRoom, signOut, changeLanguage,
});
const view = new View(commands.actions);
commands.view = view;
const receipts = new Receipts(connection, store, isSeen);

/** Whether the newest message of a room is before the user's eyes. */
function isSeen(id) {
  return id === store.state.open && document.visibilityState === "visible"
    && store.state.rooms[id].loaded && view.atBottom;
}

// Signing in and out

const signInActions = {
  guest(name, isKept) {
    session.guest(name, isKept);
    connection.start();
  },
  async account(kind, values) {
    await session.account(kind && { type: kind, ...values });
    connection.start();
  },
  setLanguage: changeLanguage,
};

async function showSignIn(problem) {
  const { drawSignIn, signInProblem } = await import("./account.js");
  drawSignIn({ ...await ways(), name: query.get("name") ?? Session.lastName() ?? "" }, signInActions);
  signInProblem(problem);
}

/** How one may sign in here. */
async function ways() {
  try {
    return await (await fetch("sign-in.json")).json();
  } catch {
    return { guests: true, accounts: false };
  }
}

function welcome(answer) {
  byID("sign-in-form").replaceChildren();
  session.welcome(answer, (command) => connection.request(command));
  const isOther = store.state.me?.id !== answer.user.id;
  store.dispatch({ type: "welcome", answer });
  if (isOther) store.dispatch({ type: "kept", kept: restore(answer.user.id) });
  if (!store.state.server.file_bytes) ways().then((server) => store.dispatch({ type: "kept", kept: { server } }));
  // Uploads, if there were any, go on.
  document.dispatchEvent(new Event("welcome"));
  outbox.restore(answer.user.id);
  if (store.state.pending.some((entry) => entry.files)) commands.uploads().then((uploads) => uploads?.resume());
  outbox.flush();
  setPresence();
  loader.invitations();
  loader.blocks();
  connection.request({ type: "whoami" }).then(({ user }) => store.dispatch({ type: "profile", user }), () => {});
  loader.lists().then(enterWanted, () => {}).then(() => {
    if (store.state.open) openRoom(store.state.open);
    else view.showRooms(true);
  });
}

/** The room that the page's address names is entered, once. */
async function enterWanted(rooms) {
  if (wantedCode) {
    const answer = await commands.ask({ type: "room.join", code: wantedCode });
    wantedCode = null;
    if (answer) {
      store.dispatch({ type: "entered", room: answer.room });
      store.dispatch({ type: "open", room: answer.room.id });
    }
  }
  const wanted = wantedRoom?.toLowerCase();
  wantedRoom = null;
  const found = rooms.find((room) => room.name.toLowerCase() === wanted);
  if (!found) return;
  const answer = await commands.ask({ type: "room.join", room: found.id });
  if (answer) store.dispatch({ type: "entered", room: answer.room });
  store.dispatch({ type: "open", room: found.id });
}

function signOut(everywhere) {
  connection.request({ type: "logout", all: everywhere }).catch(() => {});
  session.end(true);
  signedOut(null);
}

function signedOut(problem) {
  document.dispatchEvent(new Event("signedout"));
  session.end(false);
  store.dispatch({ type: "signedOut" });
  connection.stop();
  showSignIn(problem);
}

// What the server tells

function received(event) {
  const room = store.state.rooms[event.room];
  // New and not mine: `baseHead` is where the log stood when this connection began.
  const news = event.type === "message" && event.from?.id !== store.state.me?.id && room?.joined
    && event.seq > Math.max(room.last ?? 0, room.baseHead);
  store.dispatch({ type: "event", event });
  if (event.type === "receipt") document.dispatchEvent(new CustomEvent("receipt", { detail: event }));
  if (news) tell(event);
  if (event.type === "room.entered" && event.room.direct) loader.members(event.room.id);
  if (event.type === "members" && event.room === store.state.open) loader.membersLater(event.room);
  if (typeof event.room === "string") loader.learn(event.room);
}

function tell(event) {
  const room = store.state.rooms[event.room];
  if (store.state.blocked[event.from.id]) return;
  const seen = isSeen(event.room);
  if (event.room === store.state.open) view.announce(event, room);
  if (store.state.muted[event.room] || seen) return;
  import("./notify.js").then(({ signal }) => signal(event, room, openRoom), () => {});
}

// Rooms

function openRoom(id) {
  typing.stop();
  const another = store.state.open !== id || store.state.rooms[id]?.divider === null;
  store.dispatch({ type: "open", room: id });
  if (another) view.entered();
  const room = store.state.rooms[id];
  if (!room?.joined) return;
  loader.members(id);
  loader.describe(id);
  if (!room.loaded) loader.newest(id);
}

// Drawing

function changed(before) {
  const { state } = store;
  for (const room of Object.values(state.rooms)) {
    if (room.held.length > 0) loader.hole(room.id);
    if (room.id !== state.open || !room.joined) continue;
    if (room.stale) loader.newest(room.id);
    if (room.pinsStale) loader.describe(room.id);
  }
  if (state.open !== before.open && state.open && before.open) {
    // The room that was open is gone.
    queueMicrotask(() => {
      const room = store.state.rooms[store.state.open];
      if (room?.joined && !room.loaded) openRoom(room.id);
    });
  }
  if (state.open && state.open !== before.open) sessionStorage.setItem("chat.open", state.open);
  if (state.drafts !== before.drafts || state.muted !== before.muted) keep(state);
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

async function changeLanguage(tag) {
  await setLanguage(tag, true);
  view.translate();
  if (!store.state.me) showSignIn();
  draw();
}

// This device

function setPresence() {
  if (store.state.status === "busy") {
    connection.request({ type: "presence.set", status: "busy" }).catch(() => {});
    return;
  }
  const status = document.hidden ? "away" : store.state.status;
  connection.request({ type: "presence.set", status }).catch(() => {});
}

document.addEventListener("visibilitychange", () => {
  // A frame that was asked for before hiding may never come.
  drawing = false;
  draw();
  setPresence();
  if (!document.hidden) connection.retryNow();
});

draw();
const name = Session.lastName();
if (name) signInActions.guest(name, true);
else if (Session.hasAccount()) signInActions.account();
else showSignIn();
