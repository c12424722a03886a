// SPDX-License-Identifier: MIT

// Left: who one is, the connection, invitations, and the list of one's rooms.

import { avatar, roomAvatar } from "./avatar.js";
import { timeElement, when } from "./dates.js";
import { assign, button, byID, element, nameOf } from "./dom.js";
import { icon } from "./icons.js";
import { activityOf, otherOf, titleOf, unreadOf } from "./log.js";
import { calledIn, summary } from "./rows.js";
import { typingText } from "./signals.js";
import { ownRooms } from "./store.js";
import { language, t } from "./strings.js";

/** A part of the page that is drawn anew only when what it shows changed. */
export function drawIf(target, shape, make) {
  const key = JSON.stringify([language(), shape]);
  if (target.shape === key) return false;
  target.shape = key;
  target.replaceChildren(...make());
  return true;
}

export class Sidebar {
  #actions;
  #drawn = {};
  #ticker = 0;
  #filter = "";
  #state = null;

  /** `actions`: open, accept, decline, retryNow, profile. */
  constructor(actions) {
    this.#actions = actions;
    const filter = byID("filter");
    filter.addEventListener("input", () => {
      this.#filter = filter.value.trim().toLowerCase();
      this.#drawn = {};
      actions.redraw();
    });
    filter.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && this.#filter) {
        // Not what is drawn: that follows with the next frame.
        const [first] = this.#found(this.#state);
        if (!first) return;
        filter.value = "";
        filter.dispatchEvent(new Event("input"));
        actions.open(first.id);
      } else if (event.key === "ArrowDown") {
        event.preventDefault();
        byID("room-list").querySelector("button")?.focus();
      } else if (event.key === "Escape") {
        filter.value = "";
        filter.dispatchEvent(new Event("input"));
      }
    });
    byID("room-list").addEventListener("keydown", (event) => {
      const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const buttons = [...byID("room-list").querySelectorAll("button")];
      (buttons[buttons.indexOf(document.activeElement) + step] ?? filter).focus();
    });
  }

  #found(state) {
    return ownRooms(state).filter((room) => titleOf(room, state.me).toLowerCase().includes(this.#filter));
  }

  render(state) {
    this.#state = state;
    const { me } = state;
    drawIf(byID("own"), [me.id, me.name, me.display_name, me.status_text, state.status], () => [
      element("span", { className: "avatar-box" }, avatar(me), statusDot(state.status ?? "online")),
      element("span", { className: "own-text" },
        element("strong", { id: "who" }, nameOf(me.display_name || me.name)),
        element("span", { className: "faint" }, me.status_text || `@${me.name}`)),
    ]);
    byID("own").title = t("profile");
    this.#invitations(state.invitations);
    this.#rooms(state);
  }

  // The connection

  connection(connection) {
    clearTimeout(this.#ticker);
    const { phase, retryAt, reason } = connection;
    const seconds = Math.max(0, Math.ceil((retryAt - Date.now()) / 1000));
    const texts = {
      online: t("connected"), connecting: t("connecting"), offline: t("offline"),
      waiting: t("reconnectingIn", { n: seconds }), closed: reason || t("disconnected"),
    };
    const text = texts[phase];
    byID("banner").dataset.phase = phase;
    assign(byID("sign-in-connection"), { textContent: phase === "online" || phase === "closed" ? "" : text });
    assign(byID("room-connection"), { title: text });
    byID("room-connection").dataset.phase = phase;
    drawIf(byID("banner"), [phase, text], () => [
      element("span", { className: "connection-text" }, text),
      phase === "waiting"
        ? button(t("retryNow"), { className: "link", id: "retry-now" }, this.#actions.retryNow) : "",
    ]);
    if (phase === "waiting") this.#ticker = setTimeout(() => this.connection(connection), 500);
  }

  #invitations(invitations) {
    drawIf(byID("invitations"), invitations.map((one) => [one.room.id, one.room.name, one.from.name]),
      () => invitations.map((one) => element("li", { className: "invitation", "data-invitation": one.room.name },
        roomAvatar(one.room),
        element("div", {}, element("p", {}, t("invited", { name: one.from.name, room: one.room.name })),
          element("div", { className: "row" },
            button(t("acceptInvitation"), { className: "primary small" }, () => this.#actions.accept(one)),
            button(t("declineInvitation"), { className: "small" }, () => this.#actions.decline(one)))))));
  }

  #rooms(state) {
    const parts = [state.rooms, state.blocked, state.open, state.drafts, state.muted, state.pending, language()];
    if (this.#drawn.parts?.every((part, at) => part === parts[at])) return;
    this.#drawn = { parts };
    const rooms = this.#found(state);
    const shown = rooms.map((room) => this.#shown(room, state));
    const list = byID("room-list");
    const focused = list.contains(document.activeElement) ? document.activeElement.dataset.room : null;
    if (drawIf(list, shown, () => shown.map((one) => this.#row(one))) && focused !== null) {
      list.querySelector(`[data-room="${CSS.escape(focused)}"]`)?.focus();
    }
    assign(byID("no-rooms"), {
      hidden: rooms.length > 0, textContent: this.#filter ? t("noResults") : t("emptyRooms"),
    });
  }

  /** What a row of the list shows, as plain data. */
  #shown(room, state) {
    const draft = room.id === state.open ? "" : state.drafts[room.id] ?? "";
    const last = state.pending.findLast((one) => one.room === room.id) ?? room.lastMessage;
    const mine = last && (last.clientID || last.from?.id === state.me.id);
    const author = !last ? "" : mine ? t("you") : calledIn(room, last.from);
    const active = activityOf(room);
    return {
      id: room.id, name: titleOf(room, state.me), other: otherOf(room, state.me), private: room.private && !room.direct, current: room.id === state.open,
      unread: unreadOf(room), mentions: room.mentionSeqs.length, muted: Boolean(state.muted[room.id]),
      at: active ? when(active) : "", time: active, draft: draft.slice(0, 100),
      typing: typingText(room.typing.map((user) => ({ name: calledIn(room, user) }))), author,
      text: !last ? room.description : state.blocked[last.from?.id] ? t("blockedMessage") : summary(last),
    };
  }

  #row(one) {
    const badge = one.unread === 0 ? null : element("span", {
      className: ["unread", one.muted && "quiet", one.mentions && "named"].filter(Boolean).join(" "),
      "aria-label": t("unread", { n: one.unread }),
    }, one.mentions ? `@ ${one.unread}` : String(one.unread));
    const preview = one.typing
      ? element("span", { className: "preview typing-now" }, one.typing)
      : one.draft
        ? element("span", { className: "preview" }, element("em", {}, t("draft")), " ", nameOf(one.draft))
        : element("span", { className: "preview" }, one.author ? [nameOf(one.author), ": "] : "",
          nameOf(one.text));
    return element("li", {}, element("button", {
      type: "button", "data-room": one.name, "aria-current": String(one.current),
      onclick: () => this.#actions.open(one.id),
    },
    roomAvatar(one, one.other),
    element("span", { className: "room-text" },
      element("span", { className: "room-line" },
        element("span", { className: "label" }, one.private ? icon("lock") : "", nameOf(one.name)),
        one.muted ? element("span", { className: "muted-mark", title: t("mutedRoom") }, icon("bellOff")) : "",
        one.at ? timeElement(one.time, one.at) : ""),
      element("span", { className: "room-line" }, preview, badge))));
  }
}

export const STATUS_NAMES = {
  online: "statusOnline", away: "statusAway", busy: "statusBusy", offline: "statusOffline",
};

export const statusDot = (status) => element("span", {
  className: `status ${status}`, role: "img", title: t(STATUS_NAMES[status] ?? "statusOffline"),
  "aria-label": t(STATUS_NAMES[status] ?? "statusOffline"),
});
