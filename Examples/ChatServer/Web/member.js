// SPDX-License-Identifier: MIT

// The card of a member, with what one's own role allows to do about them.

import { avatar } from "./avatar.js";
import { fullTime } from "./dates.js";
import { button, choice, element, field, nameOf } from "./dom.js";
import { closeDialog, confirm, openDialog } from "./dialogs.js";
import { rankOf } from "./members.js";
import { STATUS_NAMES } from "./sidebar.js";
import "./strings-more.js";
import { t } from "./strings.js";

const UNTIL = () => [["3600", t("hour")], ["86400", t("day")], ["", t("forever")]];

/** `page` is the page's Commands. */
export function openMember(page, user) {
  const { room, state: { me } } = page;
  const about = (type) => (target, more = {}) => page.inRoom({ type, user: target.id, ...more });
  const actions = {
    mention: (target) => page.view.mention(target),
    role: (target, role) => about("member.role")(target, { role }),
    transfer: about("room.transfer"), kick: about("member.kick"), unmute: about("member.unmute"),
    mute: (target, { seconds }) => about("member.mute")(target, { seconds }), ban: about("member.ban"),
  };
  const person = { ...user, ...room.people[user.id] };
  const own = rankOf(room.role);
  const theirs = rankOf(person.role);
  const isOther = user.id !== me.id;
  const isBlocked = Boolean(page.state.blocked[user.id]);
  const mayModerate = isOther && own >= rankOf("moderator") && own > theirs;
  const act = (action) => () => {
    closeDialog();
    action();
  };
  const facts = [
    person.role ? t(person.role) : null,
    person.status ? t(STATUS_NAMES[person.status]) : null,
    person.muted ? `${t("mutedRoom")}${person.until ? ` ${t("until", { time: fullTime(person.until) })}` : ""}` : null,
  ].filter(Boolean).join(" · ");
  openDialog(person.display_name || person.name, [
    element("div", { className: "member-card" }, avatar(person, "large"),
      element("p", {}, element("strong", {}, nameOf(person.display_name || person.name)), element("br"),
        element("span", { className: "faint" }, "@", nameOf(person.name))),
      element("p", { className: "faint" }, facts),
      person.status_text ? element("p", { dir: "auto" }, person.status_text) : null),
    isOther && person.role ? roleField(room, person, own, theirs, actions) : "",
    element("div", { className: "stack" },
      isOther ? button(t("mention"), { "data-act": "mention" }, act(() => actions.mention(person))) : "",
      isOther ? button(t("writeMessage"), { "data-act": "message" }, act(async () => {
        const answer = await page.ask({ type: "dm.open", user: user.id });
        if (answer) page.enter(answer.room);
      })) : "",
      isOther ? button(isBlocked ? t("unblock") : t("block"), { "data-act": "block" },
        act(() => page.ask({ type: isBlocked ? "user.unblock" : "user.block", user: user.id }))) : "",
      mayModerate ? moderation(room, person, actions, act) : ""),
  ], { kind: "small" });
}

function roleField(room, person, own, theirs, actions) {
  if (own < rankOf("admin") || theirs >= own) return "";
  const options = ["member", "moderator", "admin"].filter((role) => rankOf(role) < own)
    .map((role) => [role, t(role)]);
  return element("div", { className: "stack" },
    field(t("role"), choice(options, person.role, (role) => actions.role(person, role),
      { "data-act": "role", "aria-label": t("roleOf", { name: person.name }) })),
    own === rankOf("owner") ? button(t("handOver"), { "data-act": "transfer", className: "wide" }, async () => {
      if (await confirm(t("confirmTransfer", { room: room.name, name: person.name }), t("handOver"))) {
        actions.transfer(person);
      }
    }) : "");
}

function moderation(room, person, actions, act) {
  return element("div", { className: "stack moderation" }, element("h3", {}, t("moderation")),
    person.muted
      ? button(t("unmute"), { "data-act": "unmute" }, act(() => actions.unmute(person)))
      : button(t("mute"), { "data-act": "mute" }, () => askEnd(t("mute"), person, actions.mute, false)),
    button(t("kick"), { "data-act": "kick" }, async () => {
      if (await confirm(t("confirmKick", { name: person.name }), t("kick"))) actions.kick(person);
    }),
    button(t("ban"), { "data-act": "ban", className: "danger-text" },
      () => askEnd(t("ban"), person, actions.ban, true)));
}

async function askEnd(action, person, go, withReason) {
  const until = choice(UNTIL(), withReason ? "" : "3600");
  const reason = element("input", { maxLength: 200 });
  const fields = element("div", {}, field(t("untilHour"), until),
    withReason ? field(t("banReason"), reason) : null);
  const text = withReason ? `${person.name}: ${t("banEnd")}` : person.name;
  if (await confirm(text, action, fields)) {
    go(person, { seconds: until.value ? Number(until.value) : undefined, reason: reason.value.trim() || undefined });
  }
}
