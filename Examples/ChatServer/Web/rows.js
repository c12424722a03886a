// SPDX-License-Identifier: MIT

// One row of the conversation, drawn from an entry: a plain object with all that the row depends on.

import { attachmentBox, attachmentText, heightOf } from "./attachments.js";
import { avatar } from "./avatar.js";
import { clock, dayName, timeElement } from "./dates.js";
import { button, element, nameOf } from "./dom.js";
import { icon } from "./icons.js";
import { t } from "./strings.js";
import { isBig, pieces } from "./text.js";

const MARKS = { pending: "◷", sent: "✓", delivered: "✓✓", read: "✓✓" };
const CHARACTERS_PER_LINE = 60;

/** About how high an entry is, before it was ever drawn. */
export function estimate(entry) {
  switch (entry.kind) {
  case "intro": return 160;
  case "message": break;
  default: return 36;
  }
  const { text, reply_to, reactions, attachments, files } = entry.message;
  let lines = 1;
  for (let at = text?.indexOf("\n") ?? -1; at >= 0; at = text.indexOf("\n", at + 1)) lines++;
  lines += Math.floor((text?.length ?? 0) / CHARACTERS_PER_LINE);
  return 14 + lines * 21 + (entry.first ? 28 : 0) + (reply_to ? 42 : 0)
    + (reactions?.length ? 32 : 0) + heightOf(attachments ?? files);
}

/** How somebody is called here: the display name, if it is known. */
export function calledIn(room, user) {
  const known = room?.people[user.id] ?? room?.someMembers.find((one) => one.id === user.id);
  return known?.display_name || user.name;
}

/** The text as nodes. */
export function textNodes(text, names, me) {
  return pieces(text, names).map((piece) => {
    switch (piece.kind) {
    case "link":
      return element("a", {
        href: piece.text, target: "_blank", rel: "noopener noreferrer nofollow",
      }, piece.text);
    case "code":
      return element("code", {}, piece.text);
    case "block":
      return element("pre", {}, element("code", {}, piece.text));
    case "mention": {
      const mine = me && piece.text.slice(1).toLowerCase() === me.name.toLowerCase();
      return element("span", { className: mine ? "mention mine" : "mention" }, piece.text);
    }
    default:
      return piece.text;
    }
  });
}

/** A message in one line: for the list of rooms, replies, pins. */
export function summary(message) {
  if (!message) return "";
  if (message.deleted) return t("deleted");
  return message.text?.replace(/\s+/g, " ").slice(0, 200)
    || attachmentText(message.attachments ?? message.files ?? []);
}

export function noteText({ note, values }) {
  return t(note, values.role ? { ...values, role: t(values.role).toLowerCase() } : values);
}

function line(className, ...children) {
  return element("div", { className, role: "listitem" }, ...children);
}

/** Draws a row. `actions`: readers, jump, react, retry, discard, person. */
export function drawRow(entry, actions) {
  switch (entry.kind) {
  case "day": return line("day", element("span", {}, dayName(entry.at)));
  case "divider": return line("divider", element("span", {}, t("unreadDivider")));
  case "note":
    return line("note", element("span", {}, noteText(entry.message)), " ", timeElement(entry.message.at));
  case "intro":
    return line("intro", element("span", { className: "intro-mark" }, icon(entry.private ? "lock" : "hash")),
      element("h3", {}, t("emptyRoom", { room: entry.name })),
      element("p", { className: "faint" }, entry.description || t("emptyRoomHint")));
  default: return drawMessage(entry, actions);
  }
}

function drawMessage(entry, actions) {
  const { key, message, first, last, mine, waiting, me, room, names } = entry;
  const author = waiting ? me : message.from;
  const big = !message.deleted && !entry.isBlocked && isBig(message.text ?? "");
  const classes = ["message", first && "first", last && "last", mine && "mine",
    (message.deleted || entry.isBlocked) && "deleted", waiting?.error && "failed", waiting && "waiting", big && "big",
    entry.pinned && "pinned", entry.named && "named"].filter(Boolean);
  const called = entry.called;
  const label = `${mine ? t("you") : called}, ${clock(message.at)}: ${entry.isBlocked ? t("blockedMessage") : summary(message)}`;
  return element("div", {
    className: classes.join(" "), role: "listitem", tabIndex: -1, "aria-label": label,
    [waiting ? "data-pending" : "data-seq"]: key,
  },
  mine ? null : first
    ? button(avatar({ ...author, display_name: called }), {
      className: "plain", tabIndex: -1, "aria-hidden": "true",
    }, () => actions.person(author))
    : element("span", { className: "no-avatar" }),
  element("div", { className: "body" },
    first && !mine ? element("div", { className: "head" },
      element("strong", {}, nameOf(called)),
      called === author.name ? null : element("span", { className: "faint" }, "@", nameOf(author.name)),
    ) : null,
    element("div", { className: "bubble" },
      quote(entry, actions),
      entry.pinned ? element("span", { className: "pin-mark", title: t("pinned") }, icon("pin")) : null,
      entry.isBlocked ? null : attachmentBox(message, actions),
      element("div", { className: "text", dir: "auto" },
        message.deleted ? t("deleted") : entry.isBlocked ? t("blockedMessage")
          : textNodes(message.text ?? "", names, me)),
      element("span", { className: "meta" },
        message.edited_at && !message.deleted
          ? element("span", { title: clock(message.edited_at) }, t("edited")) : null,
        timeElement(message.at), tick(entry, actions))),
    failure(waiting, actions),
    reactions(entry, room, me, actions)));
}

function quote({ message, quoted, waiting, room, calledQuoted, isQuotedBlocked }, actions) {
  const target = waiting ? waiting.replyTo : message.reply_to;
  if (!target || message.deleted) return null;
  const text = !quoted ? t("repliedEarlier") : quoted.deleted ? t("repliedDeleted")
    : isQuotedBlocked ? t("blockedMessage") : summary(quoted);
  return element("button", {
    type: "button", className: "quote", "data-focus": "quote", onclick: () => actions.jump(room.id, target),
  },
  quoted && !quoted.deleted ? element("strong", {}, nameOf(calledQuoted)) : null,
  element("span", { className: "quote-text", dir: "auto" }, text));
}

function tick({ key, tick: state, waiting }, actions) {
  if (!state || waiting?.error) return null;
  return button(MARKS[state], {
    className: `tick ${state}`, title: t(state), "aria-label": t(state), "data-tick": state,
    "data-focus": "tick", disabled: Boolean(waiting), tabIndex: -1,
  }, () => actions.readers(key));
}

function failure(waiting, actions) {
  if (!waiting?.error) return null;
  return element("div", { className: "failure", role: "alert" }, element("span", {}, waiting.error),
    button(t("retry"), { className: "link" }, () => actions.retry(waiting.clientID)),
    button(t("discard"), { className: "link" }, () => actions.discard(waiting.clientID)));
}

function reactions({ key, message }, room, me, actions) {
  if (!message.reactions?.length || message.deleted) return null;
  return element("div", { className: "reactions" }, ...message.reactions.map((reaction) => {
    const mine = reaction.users.includes(me.id);
    const names = reaction.users.map((id) =>
      id === me.id ? t("you") : room.people[id]?.display_name || room.people[id]?.name || t("somebody"));
    return element("button", {
      type: "button", title: names.join(", "), "aria-pressed": String(mine), className: "reaction",
      "data-reaction": reaction.emoji, "data-focus": reaction.emoji,
      "aria-label": t("reactedBy", { names: names.join(", "), emoji: reaction.emoji }),
      onclick: () => actions.react(key, reaction.emoji, !mine),
    }, element("span", { className: "emoji" }, reaction.emoji), ` ${reaction.users.length}`);
  }));
}
