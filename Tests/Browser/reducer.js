// SPDX-License-Identifier: MIT

// Runs inside the page, as the body of an asynchronous script. Random logs of a room reach the
// reducer with repeats, out of order, and with a page of history taken at any moment; what it
// shows must be what a naive model of the log says, and so must the unread count.

const RUNS = 1500;
const USERS = ["me", "a", "b"].map((id) => ({ id, name: id }));

/** The same numbers for the same seed: a failure can be repeated. */
function generator(seed) {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >> 8) % bound;
  };
}

function makeLog(random) {
  const log = [];
  const alive = [];
  const count = 5 + random(40);
  for (let seq = 1; seq <= count; seq++) {
    const event = { room: "r", seq, at: "2026-01-01T00:00:00.000Z", from: USERS[random(3)] };
    const kind = alive.length > 0 ? random(8) : 0;
    const target = alive[random(alive.length || 1)];
    if (kind <= 3) {
      log.push({ ...event, type: "message", text: `text ${seq}`, client_id: `c${seq}` });
      alive.push(seq);
    } else if (kind === 4) {
      log.push({ ...event, type: "edited", target, text: `edit ${seq}` });
    } else if (kind <= 6) {
      const op = random(3) ? "add" : "remove";
      log.push({ ...event, type: "reaction", target, emoji: "xy"[random(2)], op });
    } else {
      log.push({ ...event, type: "deleted", target });
      alive.splice(alive.indexOf(target), 1);
    }
  }
  return log;
}

/** What history says after the first `length` events. */
function model(log, length) {
  const messages = new Map();
  for (const event of log.slice(0, length)) {
    const target = messages.get(event.target);
    if (event.type === "message") {
      const { seq, at, from, text } = event;
      messages.set(seq, { seq, at, from, text, reactions: [] });
    } else if (event.type === "edited") {
      target.text = event.text;
    } else if (event.type === "deleted") {
      Object.assign(target, { deleted: true, text: "", reactions: [] });
    } else {
      const known = target.reactions.find((one) => one.emoji === event.emoji);
      const users = (known?.users ?? []).filter((id) => id !== event.from.id);
      if (event.op === "add") users.push(event.from.id);
      target.reactions = target.reactions.filter((one) => one.emoji !== event.emoji);
      if (users.length > 0) target.reactions.push({ emoji: event.emoji, users });
    }
  }
  return [...messages.values()];
}

const shown = (messages) => messages.map((message) => JSON.stringify([
  message.seq, message.text, message.deleted === true,
  message.reactions.map((one) => [one.emoji, [...one.users].sort()]).sort(),
])).join("\n");

const unread = (log, from, to) => log.filter(({ type, seq, from: author }) =>
  type === "message" && seq > from && seq <= to && author.id !== "me").length;

function run(seed, { reduce, initialState, totalUnread }) {
  const random = generator(seed);
  const log = makeLog(random);
  const head = random(log.length);
  const read = random(head + 1);
  let state = initialState;
  const dispatch = (action) => { state = reduce(state, action); };
  const room = {
    id: "r", name: "r", role: "member", head, read, delivered: read,
    unread: unread(log, read, head),
  };
  dispatch({ type: "welcome", answer: { user: USERS[0], rooms: [room] } });
  let position = head;
  let asked = null;
  let answered = false;
  while (position < log.length || !answered) {
    if (random(2) === 0 && position < log.length) {
      const batch = log.slice(position, position + 1 + random(4));
      position += batch.length;
      const order = random(2) ? batch.toReversed() : [...batch];
      if (random(3) === 0) order.push(order[0]);
      for (const event of order) dispatch({ type: "event", event });
    } else if (asked === null) {
      // The page may be older than what came since, or newer than what came so far.
      asked = model(log, position + random(log.length - position + 1));
      dispatch({ type: "historyStart", room: "r" });
    } else if (!answered && random(2) === 0) {
      answered = true;
      dispatch({ type: "history", room: "r", direction: "newest", messages: asked, end: true });
    }
  }
  const result = state.rooms.r;
  const wanted = shown(model(log, log.length));
  if (shown(result.messages) !== wanted) return `${shown(result.messages)}\n--- not\n${wanted}`;
  if (result.last !== log.length || result.held.length > 0) return `stopped at ${result.last}`;
  const count = unread(log, read, log.length);
  return totalUnread(state) === count ? "" : `unread ${totalUnread(state)}, not ${count}`;
}

const finished = arguments[arguments.length - 1];
import("/store.js").then((store) => {
  for (let seed = 1; seed <= RUNS; seed++) {
    const problem = run(seed, store);
    if (problem) return finished(`seed ${seed}: ${problem}`);
  }
  return finished("");
}).catch((error) => finished(String(error)));
