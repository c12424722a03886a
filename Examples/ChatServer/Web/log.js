// SPDX-License-Identifier: MIT

// One room as a pure value: every function takes a room and returns the next one.

/** A room of which nothing is known but its id. */
export function emptyRoom(id) {
  return {
    id, name: id, description: "", private: false, role: null, joined: false,
    count: 0, online: 0, large: false,
    // The position in the log: everything up to `last` was applied; null before the first event.
    last: null, held: [],
    messages: [], atStart: false, loaded: false, stale: false, changes: null,
    delivered: 0, read: 0, othersDelivered: 0, othersRead: 0,
    // Unread: what the server counted up to `baseHead`, and the later ones one by one.
    baseUnread: 0, baseHead: 0, unreadSeqs: [],
    typing: [], people: {}, pinned: [],
  };
}

export const unreadOf = (room) => (room.joined ? room.baseUnread + room.unreadSeqs.length : 0);

const positionOf = (messages, seq) => {
  let low = 0;
  let high = messages.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (messages[middle].seq < seq) low = middle + 1;
    else high = middle;
  }
  return low;
};

export const find = (room, seq) => {
  const found = room.messages[positionOf(room.messages, seq)];
  return found?.seq === seq ? found : undefined;
};

/** Puts a message in its place; one that is there already is replaced. */
function place(messages, message) {
  const at = positionOf(messages, message.seq);
  const same = messages[at]?.seq === message.seq ? 1 : 0;
  return messages.toSpliced(at, same, message);
}

function alter(room, seq, change) {
  const message = find(room, seq);
  if (!message || message.note) return room;
  return { ...room, messages: place(room.messages, { ...message, ...change(message) }) };
}

export const messageOf = (event) => ({
  seq: event.seq, at: event.at, from: event.from, text: event.text ?? "",
  reply_to: event.reply_to, edited_at: event.edited_at, deleted: event.deleted === true,
  reactions: event.reactions ?? [],
});

function withReaction(reactions, emoji, user, op) {
  const others = (entry) => entry.users.filter((id) => id !== user);
  const next = reactions.map((entry) =>
    entry.emoji !== emoji ? entry
      : { emoji, users: op === "add" ? [...others(entry), user] : others(entry) });
  if (op === "add" && !reactions.some((entry) => entry.emoji === emoji)) {
    next.push({ emoji, users: [user] });
  }
  return next.filter((entry) => entry.users.length > 0);
}

/** Edits, deletes, reactions: what changes a message that is there already. */
function change(room, event) {
  switch (event.type) {
  case "edited":
    return alter(room, event.target, () => ({ text: event.text, edited_at: event.at }));
  case "deleted":
    return alter(room, event.target, () => ({ deleted: true, text: "", reactions: [] }));
  case "reaction":
    return alter(room, event.target, (message) => ({
      reactions: withReaction(message.reactions, event.emoji, event.from.id, event.op),
    }));
  default:
    return room;
  }
}

const isChange = (event) => ["edited", "deleted", "reaction"].includes(event.type);

function note(room, event, text) {
  const entry = { seq: event.seq, at: event.at, from: event.from, note: text };
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

/** Applies the next event of the log. */
function apply(room, event, me) {
  room = { ...room, last: event.seq };
  if (isChange(event)) {
    // While a page of history is on its way, what it may not show yet is kept to be repeated.
    if (room.changes) room = { ...room, changes: [...room.changes, event] };
    return change(room, event);
  }
  const mine = event.from?.id === me;
  switch (event.type) {
  case "message": {
    const typing = room.typing.filter((user) => user.id !== event.from.id);
    const counts = !mine && event.seq > room.baseHead && event.seq > room.read;
    return {
      ...room, typing,
      messages: place(room.messages, messageOf(event)),
      unreadSeqs: counts ? [...room.unreadSeqs, event.seq] : room.unreadSeqs,
    };
  }
  case "joined": {
    if (event.user.id === me) return { ...room, joined: true, role: event.role };
    const known = event.user.id in room.people;
    room = withPerson(room, { status: "online", ...event.user, role: event.role });
    return note({ ...room, count: room.count + (known ? 0 : 1) }, event,
      `${event.user.name} joined`);
  }
  case "left": {
    if (event.user.id === me) return { ...room, joined: false, role: null, typing: [] };
    const why = event.reason === "kicked" ? "was removed" : "left";
    room = withoutPerson(room, event.user.id);
    return note({ ...room, count: Math.max(0, room.count - 1) }, event,
      `${event.user.name} ${why}`);
  }
  case "role": {
    if (event.user.id === me) room = { ...room, role: event.role };
    if (event.user.id in room.people) {
      room = withPerson(room, { id: event.user.id, role: event.role });
    }
    return note(room, event, `${event.user.name} is now ${event.role}`);
  }
  case "room":
    return note({ ...room, ...event.changes, id: room.id }, event,
      event.changes?.name ? `The room is now called ${event.changes.name}`
        : "The room was changed");
  case "pinned": {
    const others = room.pinned.filter((seq) => seq !== event.target);
    return { ...room, pinned: event.pinned ? [...others, event.target] : others };
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

/** A page of history: merged by seq, then repeated with the changes that came meanwhile. */
export function merge(room, page, atStart) {
  let next = { ...room, loaded: true, stale: false, atStart: room.atStart || atStart };
  for (const message of page) {
    next.messages = place(next.messages, messageOf(message));
  }
  for (const event of room.changes ?? []) next = change(next, event);
  return { ...next, changes: null };
}

/** Forgets what was shown: the server said that our position cannot be continued. */
export function afterGap(room) {
  return {
    ...room, last: null, held: [], messages: [], loaded: false, stale: true, atStart: false,
  };
}

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
