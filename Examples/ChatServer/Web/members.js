// SPDX-License-Identifier: MIT

// The list of members.

import { avatar } from "./avatar.js";
import { when } from "./dates.js";
import { button, element, nameOf } from "./dom.js";
import { drawIf, statusDot } from "./sidebar.js";
import { t } from "./strings.js";

const STATUS_ORDER = ["online", "busy", "away", "offline"];
const RANKS = { member: 1, moderator: 2, admin: 3, owner: 4 };

export const rankOf = (role) => RANKS[role] ?? 0;
export const moderates = (room) => rankOf(room?.role) >= RANKS.moderator;

/** The members of a room as they are shown: who is there first. */
function sorted(room, me, status) {
  return Object.values(room.people)
    .map((person) => person.id === me.id ? { ...person, ...me, status } : person)
    .sort((a, b) => Number(a.status === "offline") - Number(b.status === "offline")
      || STATUS_ORDER.indexOf(a.status) - STATUS_ORDER.indexOf(b.status)
      || a.name.localeCompare(b.name));
}

export function onlineCount(room, me, status) {
  return room.large ? room.online
    : sorted(room, me, status).filter((person) => person.status !== "offline").length;
}

/** Draws the panel. */
export function drawMembers(target, room, me, status, actions) {
  const everybody = sorted(room, me, status);
  const shown = everybody.map((one) => [one.id, one.name, one.display_name, one.status_text, one.role,
    one.status, one.muted, one.last_seen]);
  return drawIf(target, ["people", room.id, room.name, room.hasMore && room.count, shown], () => {
    const there = everybody.filter((person) => person.status !== "offline");
    const gone = everybody.filter((person) => person.status === "offline");
    const list = (people) => element("ul", { className: "people", "data-testid": "people-list" },
      ...people.map((person) => row(person, actions)));
    return [
      room.direct ? "" : button(t("invitePeople"), { className: "wide", id: "invite-people" }, actions.invite),
      there.length > 0 ? element("h3", {}, `${t("statusOnline")} · ${there.length}`) : "",
      list(there),
      gone.length > 0 ? element("h3", {}, `${t("statusOffline")} · ${gone.length}`) : "",
      gone.length > 0 ? list(gone) : "",
      room.hasMore ? more(everybody.length, room.count, actions) : "",
      everybody.length === 0 ? element("p", { className: "empty" }, t("emptyPeople")) : "",
    ];
  });
}

/** The next of very many, as soon as one has scrolled that far. */
function more(shown, count, actions) {
  const made = button(t("morePeople", { n: shown, count }), { className: "wide", id: "more-people" }, actions.morePeople);
  new IntersectionObserver((entries, observer) => {
    if (!entries[0].isIntersecting) return;
    observer.disconnect();
    actions.morePeople();
  }).observe(made);
  return made;
}

function row(person, actions) {
  const facts = person.status === "offline" && person.last_seen
    ? t("lastSeen", { time: when(person.last_seen) }) : person.status_text;
  return element("li", {}, element("button", {
    type: "button", className: person.status, "data-user": person.name, onclick: () => actions.person(person),
  },
  element("span", { className: "avatar-box" }, avatar(person), statusDot(person.status)),
  element("span", { className: "person-text" },
    element("span", {}, nameOf(person.display_name || person.name),
      person.role && person.role !== "member"
        ? element("span", { className: "role" }, t(person.role)) : null,
      person.muted ? element("span", { className: "role" }, t("mutedRoom")) : null),
    facts ? element("span", { className: "faint" }, facts) : null)));
}
