// SPDX-License-Identifier: MIT

import { erased, failed, find, merge, started, trimmed } from "./history.js";
import {
  activityOf, afterGap, described, emptyRoom, receive, unreadOf, withReceipt,
} from "./log.js";

export const initialState = {
  me: null,
  connection: { phase: "closed", retryAt: 0, reason: "" },
  rooms: {},
  open: null,
  pending: [],
  // By room: files of the message being written.
  tray: {},
  // What the server told before anybody signed in: sign-in.json.
  server: {},
  invitations: [],
  drafts: {},
  blocked: {},
  muted: {},
  status: "online",
  notice: null,
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

/** One's own rooms, the one with the newest message first. */
export const ownRooms = (state) => Object.values(state.rooms).filter((room) => room.joined)
  .sort((a, b) => activityOf(b) - activityOf(a) || a.name.localeCompare(b.name));

const firstRoom = (rooms) => ownRooms({ rooms })[0]?.id ?? null;

/** The answer to hello: where each room stands, and which are mine. */
function welcome(state, answer) {
  const same = state.me?.id === answer.user.id;
  const before = same ? state.rooms : {};
  const rooms = {};
  for (const object of answer.rooms) {
    const room = described(before[object.id] ?? emptyRoom(object.id), object);
    rooms[object.id] = {
      ...room, joined: true, role: object.role,
      // Without a position live events begin after the head.
      last: room.last ?? object.head,
      baseUnread: object.unread, baseHead: object.head, unreadSeqs: [],
      delivered: object.delivered, read: object.read,
      typing: [], people: {}, held: [],
    };
  }
  for (const room of Object.values(before)) {
    if (!rooms[room.id] && !room.private) {
      // Others' are listed again soon; mine lost its position.
      rooms[room.id] = { ...emptyRoom(room.id), name: room.name, count: room.count };
    }
  }
  const open = rooms[state.open]?.joined ? state.open : firstRoom(rooms);
  return {
    ...state, me: answer.user, rooms, open, pending: same ? state.pending : [],
    invitations: same ? state.invitations : [],
  };
}

/** A page of one's own rooms: what was said last, and who is there. */
function joinedRooms(state, objects) {
  let next = state;
  for (const object of objects) {
    next = withRoom(next, object.id, (room) => ({
      ...described(room, object), someMembers: object.some_members ?? room.someMembers,
      // A message that came meanwhile is newer.
      lastMessage: (object.last_message?.seq ?? 0) >= (room.lastMessage?.seq ?? 0)
        ? object.last_message ?? null : room.lastMessage,
    }));
  }
  return next;
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
  const next = withRoom(state, object.id, (room) => {
    const known = { ...described(room, object), joined: true, role: object.role ?? "member" };
    if (room.joined) return known;
    return {
      ...emptyRoom(object.id), ...described(emptyRoom(object.id), object), name: known.name,
      description: known.description, joined: true, role: known.role, createdAt: known.createdAt,
      last: object.head, baseHead: object.head, baseUnread: object.unread ?? 0,
      delivered: object.delivered ?? 0, read: object.read ?? 0,
    };
  });
  return withoutInvitation(next, object.id);
}

const withoutInvitation = (state, id) => ({
  ...state, invitations: state.invitations.filter((one) => one.room.id !== id),
});

function exited(state, id) {
  const room = state.rooms[id];
  if (!room) return state;
  if (room.private) return withoutRoom(state, id);
  const next = withRoom(state, id, () => ({
    ...emptyRoom(id), name: room.name, description: room.description, createdAt: room.createdAt,
    count: Math.max(0, room.count - (room.joined ? 1 : 0)),
  }));
  return { ...next, open: next.open === id ? firstRoom(next.rooms) : next.open };
}

/** Opening a room: what was unread then stays marked, and the one before is let go of. */
function opened(state, id) {
  let next = state;
  if (state.open !== id && state.rooms[state.open]) {
    next = withRoom(next, state.open, (room) => ({ ...trimmed(room), divider: null }));
  }
  if (next.rooms[id]) {
    next = withRoom(next, id, (room) => unreadOf(room) === 0 ? room : {
      ...room, divider: room.baseUnread > 0 ? room.read : room.unreadSeqs[0] - 1,
    });
  }
  return { ...next, open: id, notice: null };
}

function members(state, action) {
  return withRoom(state, action.room, (room) => {
    let next = { ...room, count: action.total, online: action.online, hasMore: action.hasMore };
    const people = action.first ? {} : { ...room.people };
    for (const member of action.members) {
      people[member.id] = member;
    }
    next.people = people;
    for (const member of action.members) {
      if (member.id === state.me?.id) {
        next.muted = member.muted ? { until: member.until } : null;
      } else {
        next = withReceipt(next, member.id, state.me?.id, member);
      }
    }
    return next;
  });
}

function logEvent(state, event) {
  const me = state.me;
  const isGone = event.type === "left" || event.type === "banned";
  if (isGone && event.user.id === me?.id) {
    const name = state.rooms[event.room]?.name;
    const next = exited(state, event.room);
    const key = event.type === "banned" ? "youWereBanned"
      : event.reason === "kicked" ? "youWereRemoved" : null;
    return key && name ? { ...next, notice: { key, values: { room: name } } } : next;
  }
  let next = withRoom(state, event.room, (room) => receive(room, event, me));
  if (event.type === "message" && event.from.id === me?.id) {
    // Also the end of a send whose answer was lost.
    next = settled(next, event.client_id);
  }
  return next;
}

const settled = (state, clientID) => {
  const pending = state.pending.filter((entry) => entry.clientID !== clientID);
  return pending.length === state.pending.length ? state : { ...state, pending };
};

function presence(room, event) {
  const known = room.people[event.user.id];
  if (!known && event.status === "offline") return room;
  const { status, last_seen } = event;
  const person = { role: "member", ...known, ...event.user, status, last_seen };
  return { ...room, people: { ...room.people, [person.id]: person } };
}

/** A profile is told whole: what it does not name was cleared. */
function profile(state, event) {
  const { user } = event;
  const cleared = { display_name: undefined, avatar: undefined, status_text: undefined };
  const next = user.id === state.me?.id ? { ...state, me: { ...state.me, ...cleared, ...user } } : state;
  return withRoom(next, event.room, (room) => !room.people[user.id] ? room : {
    ...room, people: { ...room.people, [user.id]: { ...room.people[user.id], ...cleared, ...user } },
  });
}

function liveEvent(state, event) {
  const me = state.me?.id;
  switch (event.type) {
  case "typing":
    return withRoom(state, event.room, (room) => ({
      ...room, typing: event.users.filter((user) => user.id !== me),
    }));
  case "presence":
    return withRoom(state, event.room, (room) => presence(room, event));
  case "profile":
    return profile(state, event);
  case "receipt":
    return withRoom(state, event.room, (room) =>
      withReceipt(room, event.user, me, event));
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
    const room = state.rooms[event.room];
    const next = withoutRoom(state, event.room);
    return room?.joined
      ? { ...next, notice: { key: "roomWasDeleted", values: { room: room.name } } } : next;
  }
  case "invited":
    return { ...state, invitations: [event, ...withoutInvitation(state, event.room.id).invitations] };
  case "user.blocked":
  case "user.unblocked":
    return { ...state, blocked: { ...state.blocked, [event.user.id]: event.type === "user.blocked" } };
  case "user.erased":
    return withRoom(state, event.room, (room) => erased(room, event.user));
  case "left":
    // Logs of large rooms have no leaves: only who left is told.
    return event.user?.id === me ? exited(state, event.room) : state;
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
  if (!room?.loaded || !room.atEnd || find(room, action.seq)) return next;
  const message = {
    seq: action.seq, at: action.at, from: state.me, text: entry.text, reply_to: entry.replyTo,
    attachments: entry.files,
  };
  // Joined without `changes`: the event moves the position.
  return withRoom(next, entry.room, (one) => ({
    ...merge({ ...one, changes: null }, { direction: "after", messages: [message], end: true }),
    stale: one.stale, changes: one.changes, divider: null,
  }));
}

const withPending = (state, clientID, change) => ({
  ...state,
  pending: state.pending.map((entry) =>
    entry.clientID === clientID ? { ...entry, ...change } : entry),
});

const cases = {
  connection: (state, action) => ({ ...state, connection: action.connection }),
  welcome: (state, action) => welcome(state, action.answer),
  event: (state, action) => isLogEvent(action.event)
    ? logEvent(state, action.event) : liveEvent(state, action.event),
  listed: (state, action) => listed(state, action.rooms),
  joinedRooms: (state, action) => joinedRooms(state, action.rooms),
  entered: (state, action) => entered(state, action.room),
  exited: (state, action) => exited(state, action.room),
  open: (state, action) => opened(state, action.room),
  members,
  snapshot: (state, action) => withRoom(state, action.room.id, (room) => ({
    ...described(room, action.room), online: action.room.online ?? room.online,
    typing: action.typing.filter((user) => user.id !== state.me?.id),
    pinned: action.pinned.map((message) => message.seq), pinnedMessages: action.pinned,
    pinsStale: false,
  })),
  historyStart: (state, action) => withRoom(state, action.room, started),
  history: (state, action) => withRoom(state, action.room, (room) => merge(room, action)),
  historyFailed: (state, action) => withRoom(state, action.room, failed),
  receipt: (state, action) => withRoom(state, action.room, (room) =>
    withReceipt(room, state.me?.id, state.me?.id, action)),
  undivide: (state, action) => withRoom(state, action.room, (room) =>
    room.divider === null ? room : { ...room, divider: null }),
  invitations: (state, action) => ({ ...state, invitations: action.invitations }),
  uninvited: (state, action) => withoutInvitation(state, action.room),
  profile: (state, action) => ({ ...state, me: { ...state.me, ...action.user } }),
  draft: (state, action) => ({ ...state, drafts: { ...state.drafts, [action.room]: action.text } }),
  kept: (state, action) => ({ ...state, ...action.kept }),
  queued: (state, action) => ({ ...state, pending: [...state.pending, action.entry] }),
  acknowledged,
  failed: (state, action) => withPending(state, action.clientID, { error: action.error }),
  discarded: (state, action) => settled(state, action.clientID),
  notice: (state, action) => ({ ...state, notice: action.notice }),
  forgotten: (state) => ({ ...state, rooms: {} }),
  signedOut: (state) => ({ ...initialState, connection: state.connection }),
};

/** The whole of the page's state as a pure function of what happened. */
export function reduce(state, action) {
  return cases[action.type]?.(state, action) ?? state;
}

export const totalUnread = (state) =>
  ownRooms(state).reduce((sum, room) => sum + (state.muted[room.id] ? 0 : unreadOf(room)), 0);
