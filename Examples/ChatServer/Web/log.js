// SPDX-License-Identifier: MIT

// One room as a pure value: every function takes a room and returns the next one.

import { applyContent, isContent, messageOf, nothingLoaded, place } from "./history.js";
import { mentions } from "./text.js";

/** A room of which nothing is known but its id. */
export function emptyRoom(id) {
  return {
    id, name: id, description: "", private: false, role: null, joined: false,
    count: 0, online: 0, large: false, createdAt: null, maxMembers: 0, slowMode: 0,
    // The position in the log: everything up to `last` was applied; null before the first event.
    last: null, held: [],
    ...nothingLoaded,
    delivered: 0, read: 0, othersDelivered: 0, othersRead: 0,
    // Unread: what the server counted up to `baseHead`, and the later ones one by one.
    baseUnread: 0, baseHead: 0, unreadSeqs: [], mentionSeqs: [], divider: null,
    typing: [], people: {}, pinned: [], pinnedMessages: [], pinsStale: false,
    lastMessage: null, someMembers: [], muted: null,
  };
}

/** Of a direct room, the other one. */
export function otherOf(room, me) {
  const id = room.direct?.find((one) => one !== me.id);
  return id && (room.people[id] ?? room.someMembers.find((one) => one.id === id) ?? { id, name: "…" });
}

/** What a room is called: a direct room has no name of its own. */
export function titleOf(room, me) {
  const other = otherOf(room, me);
  return other ? other.display_name || other.name : room.name;
}

export const unreadOf = (room) => (room.joined ? room.baseUnread + room.unreadSeqs.length : 0);

/** When something was last said there: by this rooms are sorted. */
export const activityOf = (room) => Date.parse(room.lastMessage?.at ?? room.createdAt ?? 0) || 0;

/** A line between the messages: a key of the strings, and what is put into it. */
function note(room, event, key, values = {}) {
  if (!room.loaded || !room.atEnd) return room;
  const entry = { seq: event.seq, at: event.at, from: event.from, note: key, values };
  return { ...room, messages: place(room.messages, entry) };
}

function withPerson(room, person) {
  const known = room.people[person.id];
  return { ...room, people: { ...room.people, [person.id]: { ...known, ...person } } };
}

function withoutPerson(room, id) {
  const people = { ...room.people };
  delete people[id];
  return { ...room, people };
}

function applyMessage(room, event, me) {
  const mine = event.from?.id === me?.id;
  const counts = !mine && event.seq > room.baseHead && event.seq > room.read;
  const named = counts && mentions(event.text ?? "", me);
  return {
    ...applyContent(room, event),
    typing: room.typing.filter((user) => user.id !== event.from.id),
    lastMessage: messageOf(event),
    unreadSeqs: counts ? [...room.unreadSeqs, event.seq] : room.unreadSeqs,
    mentionSeqs: named ? [...room.mentionSeqs, event.seq] : room.mentionSeqs,
    divider: mine ? null : room.divider,
  };
}

function applyRole(room, event, me) {
  let next = room;
  if (event.role === "owner") {
    // Who owned the room before is an admin from now on.
    for (const person of Object.values(room.people)) {
      if (person.role === "owner") next = withPerson(next, { id: person.id, role: "admin" });
    }
    if (next.role === "owner") next = { ...next, role: "admin" };
  }
  if (event.user.id === me.id) next = { ...next, role: event.role };
  if (event.user.id in next.people) {
    next = withPerson(next, { id: event.user.id, role: event.role });
  }
  return note(next, event, "noteRole", { name: event.user.name, role: event.role });
}

function applyMute(room, event, me) {
  const isMuted = event.type === "muted";
  const state = isMuted ? { muted: true, until: event.until } : { muted: false, until: undefined };
  let next = room;
  if (event.user.id === me.id) next = { ...next, muted: isMuted ? { until: event.until } : null };
  if (event.user.id in next.people) next = withPerson(next, { id: event.user.id, ...state });
  return note(next, event, isMuted ? "noteMuted" : "noteUnmuted", { name: event.user.name });
}

function applyLeft(room, event, me) {
  if (event.user.id === me.id) return { ...room, joined: false, role: null, typing: [] };
  const isMember = event.type === "left" || event.user.id in room.people;
  const next = {
    ...withoutPerson(room, event.user.id), count: Math.max(0, room.count - (isMember ? 1 : 0)),
    typing: room.typing.filter((user) => user.id !== event.user.id),
  };
  const key = event.type === "banned" ? "noteBanned"
    : event.reason === "kicked" ? "noteKicked" : "noteLeft";
  return note(next, event, key, { name: event.user.name });
}

/** The keys of a room object, as this page calls them; absent keys change nothing. */
export function described(room, object) {
  const next = { ...room };
  const names = {
    name: "name", description: "description", private: "private", max_members: "maxMembers",
    slow_mode_seconds: "slowMode", created_at: "createdAt", direct: "direct",
  };
  for (const [key, name] of Object.entries(names)) {
    if (object[key] !== undefined) next[name] = object[key];
  }
  if (typeof object.members === "number") next.count = object.members;
  return next;
}

/** Applies the next event of the log. */
function apply(room, event, me) {
  room = { ...room, last: event.seq };
  if (isContent(event) && room.changes) room = { ...room, changes: [...room.changes, event] };
  switch (event.type) {
  case "message":
    return applyMessage(room, event, me);
  case "edited":
  case "deleted":
  case "reaction":
    return applyContent(room, event);
  case "joined": {
    if (event.user.id === me?.id) return { ...room, joined: true, role: event.role };
    const known = event.user.id in room.people;
    room = withPerson(room, { status: "online", ...event.user, role: event.role });
    return note({ ...room, count: room.count + (known ? 0 : 1) }, event, "noteJoined",
      { name: event.user.name });
  }
  case "left":
  case "banned":
    return applyLeft(room, event, me);
  case "unbanned":
    return note(room, event, "noteUnbanned", { name: event.user.name });
  case "role":
    return applyRole(room, event, me);
  case "muted":
  case "unmuted":
    return applyMute(room, event, me);
  case "room":
    return note(described(room, event.changes ?? {}), event,
      event.changes?.name ? "noteRenamed" : "noteChanged",
      { name: event.from?.name ?? "", room: event.changes?.name });
  case "pinned": {
    const others = room.pinned.filter((seq) => seq !== event.target);
    room = { ...room, pinned: event.pinned ? [...others, event.target] : others, pinsStale: true };
    return note(room, event, event.pinned ? "notePinned" : "noteUnpinned",
      { name: event.from?.name ?? "" });
  }
  default:
    return room;
  }
}

/** A log event from the server, in whatever order: duplicates are dropped, holes are waited for. */
export function receive(room, event, me) {
  if (room.last !== null && event.seq <= room.last) return room;
  if (room.last !== null && event.seq > room.last + 1) {
    return { ...room, held: place(room.held, event) };
  }
  room = apply(room, event, me);
  while (room.held.length > 0 && room.held[0].seq <= room.last + 1) {
    const [first, ...held] = room.held;
    room = { ...room, held };
    if (first.seq === room.last + 1) room = apply(room, first, me);
  }
  return room;
}

/** Forgets what was shown: the server said that our position cannot be continued. */
export const afterGap = (room) =>
  ({ ...room, ...nothingLoaded, last: null, held: [], stale: true });

/** Receipts only move forward; read implies delivered. */
export function withReceipt(room, user, me, receipt) {
  const read = receipt.read ?? 0;
  const delivered = Math.max(receipt.delivered ?? 0, read);
  if (user === me) {
    const ownRead = Math.max(room.read, read);
    return {
      ...room, read: ownRead, delivered: Math.max(room.delivered, delivered),
      baseUnread: ownRead >= room.baseHead ? 0 : room.baseUnread,
      unreadSeqs: room.unreadSeqs.filter((seq) => seq > ownRead),
      mentionSeqs: room.mentionSeqs.filter((seq) => seq > ownRead),
    };
  }
  const person = room.people[user];
  if (person) {
    room = withPerson(room, {
      id: user, delivered: Math.max(person.delivered ?? 0, delivered),
      read: Math.max(person.read ?? 0, read),
    });
  }
  return {
    ...room, othersDelivered: Math.max(room.othersDelivered, delivered),
    othersRead: Math.max(room.othersRead, read),
  };
}

/** The tick of one's own message. */
export function tickOf(room, seq) {
  if (room.othersRead >= seq) return "read";
  return room.othersDelivered >= seq ? "delivered" : "sent";
}
