// SPDX-License-Identifier: MIT

// The messages of one room: a window without holes onto its log, in the order of seq. Pure functions.

const KEPT_MESSAGES = 200;

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
export function place(messages, message) {
  const at = positionOf(messages, message.seq);
  const same = messages[at]?.seq === message.seq ? 1 : 0;
  return messages.toSpliced(at, same, message);
}

/** Two lists in order made one; where both have a message, the second list's is taken. */
function union(known, page) {
  const all = [];
  let at = 0;
  for (const message of page) {
    while (at < known.length && known[at].seq < message.seq) all.push(known[at++]);
    if (known[at]?.seq === message.seq) at++;
    all.push(message);
  }
  return all.concat(known.slice(at));
}

export const messageOf = (event) => ({
  seq: event.seq, at: event.at, from: event.from, text: event.text ?? "",
  reply_to: event.reply_to, edited_at: event.edited_at, deleted: event.deleted === true,
  reactions: event.reactions ?? [], attachments: event.attachments ?? [],
});

function alter(room, seq, alteration) {
  let next = room;
  if (room.lastMessage?.seq === seq) {
    next = { ...next, lastMessage: { ...room.lastMessage, ...alteration(room.lastMessage) } };
  }
  const message = find(room, seq);
  if (!message || message.note) return next;
  return { ...next, messages: place(room.messages, { ...message, ...alteration(message) }) };
}

const GONE = { deleted: true, text: "", reactions: [], attachments: [] };

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

const altering = {
  edited: (event) => () => ({ text: event.text, edited_at: event.at }),
  deleted: () => () => GONE,
  reaction: (event) => (message) => ({
    reactions: withReaction(message.reactions, event.emoji, event.from.id, event.op),
  }),
};

/** A message, or what becomes of one: everything that a page of history can be behind with. */
export const isContent = (event) => event.type === "message" || event.type in altering;

/** Applies such an event to what is loaded. */
export function applyContent(room, event) {
  if (event.type !== "message") return alter(room, event.target, altering[event.type](event));
  return room.loaded && room.atEnd
    ? { ...room, messages: place(room.messages, messageOf(event)) } : room;
}

/** While a page is on its way, what happens is kept, to be repeated on top of it. */
export const started = (room) => ({ ...room, changes: [] });

export const failed = (room) => ({ ...room, changes: null });

/**
 * A page of history: joined to what is there (`before`, `after`) or instead of it (`newest`,
 * `around`); then what came meanwhile is repeated.
 */
export function merge(room, { direction, messages, end }) {
  const page = messages.map(messageOf);
  let next = { ...room, loaded: true, stale: false, changes: null };
  switch (direction) {
  case "before":
    Object.assign(next, { messages: union(room.messages, page), atStart: end });
    break;
  case "after":
    Object.assign(next, { messages: union(room.messages, page), atEnd: end });
    break;
  case "around":
    Object.assign(next, { messages: page, atStart: end, atEnd: end });
    break;
  default:
    Object.assign(next, { messages: page, atStart: end, atEnd: true });
  }
  for (const event of room.changes ?? []) next = applyContent(next, event);
  return next;
}

/** Lets go of old messages of a room that is not looked at any more. */
export function trimmed(room) {
  if (!room.loaded || (room.atEnd && room.messages.length <= KEPT_MESSAGES)) return room;
  if (!room.atEnd) return { ...room, ...nothingLoaded };
  return { ...room, messages: room.messages.slice(-KEPT_MESSAGES), atStart: false };
}

export const nothingLoaded = {
  messages: [], atStart: false, atEnd: true, loaded: false, stale: false, changes: null,
};

/** Forgets what somebody wrote who was erased. */
export function erased(room, user) {
  const redact = (message) => {
    const reactions = (message.reactions ?? [])
      .map((one) => ({ ...one, users: one.users.filter((id) => id !== user.id) }))
      .filter((one) => one.users.length > 0);
    return message.from?.id === user.id
      ? { ...message, ...GONE, from: user } : { ...message, reactions };
  };
  return {
    ...room, messages: room.messages.map((message) => message.note ? message : redact(message)),
    lastMessage: room.lastMessage && redact(room.lastMessage),
  };
}
