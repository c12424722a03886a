// SPDX-License-Identifier: MIT

import { afterGap, emptyRoom, merge, receive, unreadOf, withReceipt } from "./log.js";

export const initialState = {
  me: null,
  connection: { phase: "closed", retryAt: 0, reason: "" },
  rooms: {},
  open: null,
  pending: [],
  notice: "",
};

/** Events that belong to a room's log carry a seq; the others are live states. */
const isLogEvent = (event) => typeof event.seq === "number" && event.type !== "receipt";

function withRoom(state, id, change) {
  const room = state.rooms[id];
  const next = change(room ?? emptyRoom(id));
  return next === room ? state : { ...state, rooms: { ...state.rooms, [id]: next } };
}

function withoutRoom(state, id) {
  const rooms = { ...state.rooms };
  delete rooms[id];
  return { ...state, rooms, open: state.open === id ? firstRoom(rooms) : state.open };
}

function firstRoom(rooms) {
  const joined = Object.values(rooms).filter((room) => room.joined);
  return joined.sort((a, b) => a.name.localeCompare(b.name))[0]?.id ?? null;
}

/** What a `room` object of an answer or of room.listed tells; absent keys change nothing. */
function described(room, object) {
  const next = { ...room };
  for (const key of ["name", "description", "private"]) {
    if (object[key] !== undefined) next[key] = object[key];
  }
  if (typeof object.members === "number") next.count = object.members;
  return next;
}

/** The answer to hello: where each room stands, and which are mine. */
function welcome(state, answer) {
  const same = state.me?.id === answer.user.id;
  const before = same ? state.rooms : {};
  const rooms = {};
  for (const object of answer.rooms) {
    const room = described(before[object.id] ?? emptyRoom(object.id), object);
    rooms[object.id] = {
      ...room, joined: true, role: object.role,
      // Without a position of ours, live events begin after the head.
      last: room.last ?? object.head,
      baseUnread: object.unread, baseHead: object.head, unreadSeqs: [],
      delivered: object.delivered, read: object.read,
      typing: [], people: {}, held: [],
    };
  }
  for (const room of Object.values(before)) {
    if (!rooms[room.id] && !room.private) {
      // Others' rooms are listed again soon; one that was mine lost its position.
      rooms[room.id] = { ...emptyRoom(room.id), name: room.name, count: room.count };
    }
  }
  const open = rooms[state.open]?.joined ? state.open : firstRoom(rooms);
  return { ...state, me: answer.user, rooms, open, pending: same ? state.pending : [] };
}

/** The complete list of rooms: whatever it does not name and is not mine is gone. */
function listed(state, objects) {
  const names = new Set(objects.map((object) => object.id));
  let next = { ...state, rooms: {} };
  for (const room of Object.values(state.rooms)) {
    if (room.joined || names.has(room.id)) next.rooms[room.id] = room;
  }
  for (const object of objects) {
    next = withRoom(next, object.id, (room) => described(room, object));
  }
  return next;
}

/** A room that I made or joined, here or elsewhere; `head` is where its live events begin. */
function entered(state, object) {
  return withRoom(state, object.id, (room) => {
    const next = { ...described(room, object), joined: true, role: object.role ?? "member" };
    if (room.joined) return next;
    return {
      ...next, last: object.head, held: [], messages: [], loaded: false, atStart: false,
      baseUnread: object.unread ?? 0, baseHead: object.head, unreadSeqs: [], people: {},
      delivered: object.delivered ?? room.delivered, read: object.read ?? room.read,
    };
  });
}

const exited = (state, id) => {
  const room = state.rooms[id];
  if (!room) return state;
  if (room.private) return withoutRoom(state, id);
  const next = withRoom(state, id, () => ({
    ...emptyRoom(id), name: room.name, description: room.description,
    count: Math.max(0, room.count - (room.joined ? 1 : 0)),
  }));
  return { ...next, open: next.open === id ? firstRoom(next.rooms) : next.open };
};

function members(state, action) {
  return withRoom(state, action.room, (room) => {
    let next = { ...room, count: action.total, online: action.online };
    const people = action.first ? {} : { ...room.people };
    for (const member of action.members) people[member.id] = member;
    next.people = people;
    for (const member of action.members) {
      if (member.id === state.me?.id) continue;
      next = withReceipt(next, member.id, state.me?.id, member);
    }
    return next;
  });
}

function logEvent(state, event) {
  const me = state.me?.id;
  if (event.type === "left" && event.user.id === me) return exited(state, event.room);
  let next = withRoom(state, event.room, (room) => receive(room, event, me));
  if (event.type === "message" && event.from.id === me) {
    // Also the end of a send whose answer was lost with the connection.
    next = settled(next, event.client_id);
  }
  return next;
}

const settled = (state, clientID) => {
  const pending = state.pending.filter((entry) => entry.clientID !== clientID);
  return pending.length === state.pending.length ? state : { ...state, pending };
};

function liveEvent(state, event) {
  const me = state.me?.id;
  switch (event.type) {
  case "typing":
    return withRoom(state, event.room, (room) => ({
      ...room, typing: event.users.filter((user) => user.id !== me),
    }));
  case "presence":
    return withRoom(state, event.room, (room) => {
      const known = room.people[event.user.id];
      if (!known && event.status === "offline") return room;
      const person = { role: "member", ...known, ...event.user, status: event.status };
      return { ...room, people: { ...room.people, [person.id]: person } };
    });
  case "receipt":
    return withRoom(state, event.room, (room) => withReceipt(room, event.user, me, event));
  case "members":
    return withRoom(state, event.room, (room) => ({
      ...room, large: true, count: event.count, online: event.online,
    }));
  case "gap":
    return withRoom(state, event.room, afterGap);
  case "room.entered":
    return entered(state, event.room);
  case "room.listed":
    return withRoom(state, event.room.id, (room) => described(room, event.room));
  case "room.unlisted":
    return state.rooms[event.room]?.joined ? state : withoutRoom(state, event.room);
  case "room.deleted": {
    const name = state.rooms[event.room]?.name;
    const next = withoutRoom(state, event.room);
    return name ? { ...next, notice: `The room ${name} was deleted.` } : next;
  }
  default:
    return state;
  }
}

/** An acknowledged send is shown at its place at once; its event follows and says the same. */
function acknowledged(state, action) {
  const entry = state.pending.find((one) => one.clientID === action.clientID);
  if (!entry) return state;
  const next = settled(state, action.clientID);
  const room = next.rooms[entry.room];
  if (!room || room.messages.some((message) => message.seq === action.seq)) return next;
  const message = {
    seq: action.seq, at: action.at, from: state.me, text: entry.text, reply_to: entry.replyTo,
  };
  // A merge without `changes`: the position in the log moves with the event only.
  return withRoom(next, entry.room, (one) => ({
    ...merge({ ...one, changes: null }, [message], false),
    loaded: one.loaded, stale: one.stale, changes: one.changes,
  }));
}

function failed(state, action) {
  return {
    ...state,
    pending: state.pending.map((entry) =>
      entry.clientID === action.clientID ? { ...entry, error: action.error } : entry),
  };
}

/** The whole of the page's state as a pure function of what happened. */
export function reduce(state, action) {
  switch (action.type) {
  case "connection":
    return { ...state, connection: action.connection };
  case "welcome":
    return welcome(state, action.answer);
  case "event":
    return isLogEvent(action.event)
      ? logEvent(state, action.event) : liveEvent(state, action.event);
  case "listed":
    return listed(state, action.rooms);
  case "entered":
    return entered(state, action.room);
  case "exited":
    return exited(state, action.room);
  case "open":
    return { ...state, open: action.room, notice: "" };
  case "members":
    return members(state, action);
  case "snapshot":
    return withRoom(state, action.room.id, (room) => ({
      ...described(room, action.room), online: action.room.online ?? room.online,
      typing: action.typing.filter((user) => user.id !== state.me?.id),
      pinned: action.pinned.map((message) => message.seq),
    }));
  case "historyStart":
    return withRoom(state, action.room, (room) => ({ ...room, changes: [] }));
  case "history":
    return withRoom(state, action.room, (room) => merge(room, action.messages, action.end));
  case "historyFailed":
    return withRoom(state, action.room, (room) => ({ ...room, changes: null }));
  case "receipt":
    return withRoom(state, action.room, (room) =>
      withReceipt(room, state.me?.id, state.me?.id, action));
  case "queued":
    return { ...state, pending: [...state.pending, action.entry] };
  case "acknowledged":
    return acknowledged(state, action);
  case "failed":
    return failed(state, action);
  case "discarded":
    return settled(state, action.clientID);
  case "notice":
    return { ...state, notice: action.text };
  case "forgotten":
    return { ...state, rooms: {} };
  case "signedOut":
    return { ...initialState, connection: state.connection };
  default:
    return state;
  }
}

export const totalUnread = (state) =>
  Object.values(state.rooms).reduce((sum, room) => sum + unreadOf(room), 0);
