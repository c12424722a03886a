// SPDX-License-Identifier: MIT

import { roomAvatar } from "./avatar.js";
import { Composer } from "./composer.js";
import { assign, byID, element, nameOf } from "./dom.js";
import { icon } from "./icons.js";
import { otherOf, titleOf, unreadOf } from "./log.js";
import { onlineCount } from "./members.js";
import { MessageList } from "./messages.js";
import { Panels } from "./panels.js";
import { calledIn, summary } from "./rows.js";
import { Sidebar, drawIf } from "./sidebar.js";
import { typingText } from "./signals.js";
import { totalUnread } from "./store.js";
import { t } from "./strings.js";

const TOAST_MS = 6_000;

/** Draws a state, and turns what the user does into actions. */
export class View {
  #actions;
  #list;
  #composer;
  #sidebar;
  #panels;
  #state = null;
  #toastTimer = 0;

  constructor(actions) {
    this.#actions = actions;
    const reply = (message) => this.#composer.setContext({ kind: "reply", message });
    const edit = (message) => this.#composer.setContext({ kind: "edit", message });
    this.#list = new MessageList({ ...actions, reply, edit });
    this.#composer = new Composer(actions);
    this.#sidebar = new Sidebar(actions);
    this.#panels = new Panels(actions);
    this.#listen();
    this.translate();
  }

  get atBottom() {
    return this.#list.atBottom;
  }

  #listen() {
    const clicks = {
      "to-bottom": this.#actions.toNewest, "to-unread": this.#actions.toUnread, join: this.#actions.join,
      "create-room": this.#actions.createRoom, explore: this.#actions.explore, own: this.#actions.settings,
      "open-settings": this.#actions.settings, "show-rooms": () => this.showRooms(true),
      "room-menu": () => this.#actions.menu(byID("room-menu")),
    };
    for (const [id, action] of Object.entries(clicks)) {
      byID(id).addEventListener("click", () => action());
    }
    document.addEventListener("keydown", (event) => this.#shortcut(event));
  }

  /** Ctrl+K finds a room, Ctrl+Shift+F a message; Alt with an arrow goes to the next room. */
  #shortcut(event) {
    if (!this.#state?.me || byID("dialog").open) return;
    const isCommand = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    if (isCommand && !event.shiftKey && key === "k") {
      this.showRooms(true);
      byID("filter").focus();
    } else if (isCommand && event.shiftKey && key === "f") {
      this.#panels.show("search");
    } else if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      this.#actions.step(event.key === "ArrowUp" ? -1 : 1);
    } else {
      return;
    }
    event.preventDefault();
  }

  /** What stands in the page itself, in the present language. */
  translate() {
    for (const one of document.querySelectorAll("[data-t]")) one.textContent = t(one.dataset.t);
    for (const one of document.querySelectorAll("[data-label]")) {
      one.setAttribute("aria-label", t(one.dataset.label));
      if (one.tagName === "BUTTON") one.title = t(one.dataset.label);
    }
    for (const one of document.querySelectorAll("[data-placeholder]")) one.placeholder = t(one.dataset.placeholder);
    for (const one of document.querySelectorAll("[data-icon]")) {
      if (!one.querySelector("svg")) one.append(icon(one.dataset.icon));
    }
    byID("room").dataset.drop = t("dropHere");
    this.#list.redraw();
    this.#panels.reset();
  }

  /** On a phone either the rooms or the conversation are in view. */
  showRooms(isShown) {
    document.body.dataset.screen = isShown ? "rooms" : "room";
  }

  /** Another room was opened. */
  entered() {
    this.showRooms(false);
    this.#panels.closeIfNarrow();
    this.#panels.moved();
    this.#composer.focus();
  }

  showPanel(name) {
    this.#panels.show(name);
  }

  show(seq) {
    this.#list.show(seq);
    if (seq !== null) this.#panels.closeIfNarrow();
  }

  toBottom() {
    this.#list.toBottom();
  }

  mention(user) {
    const text = byID("text");
    text.setRangeText(`@${user.name} `, text.selectionStart, text.selectionEnd, "end");
    text.dispatchEvent(new Event("input"));
    text.focus();
  }

  /** Says something to a screen reader. */
  announce(event, room) {
    const text = t("newMessage", { name: calledIn(room, event.from), text: summary(event) });
    byID("live").replaceChildren(element("p", {}, text));
  }

  render(state) {
    this.#state = state;
    const inside = state.me !== null;
    assign(byID("sign-in"), { hidden: inside });
    assign(byID("app"), { hidden: !inside });
    this.#sidebar.connection(state.connection);
    const unread = totalUnread(state);
    const room = state.rooms[state.open];
    const place = inside && room ? `${titleOf(room, state.me)} · ${t("appName")}` : t("appName");
    assign(document, { title: unread > 0 ? `(${unread}) ${place}` : place });
    this.#notice(state.notice);
    if (!inside) return;
    this.#sidebar.render(state);
    this.#head(room, state);
    this.#composer.render(room, state.me, state.drafts[room?.id], room ? titleOf(room, state.me) : "", state.tray[room?.id]);
    this.#panels.render(room, state);
    this.#list.render(room, state.me, state.pending, state.blocked);
    this.moved();
  }

  /** After the view of the messages moved. */
  moved() {
    const room = this.#state?.rooms[this.#state.open];
    const unread = room ? unreadOf(room) : 0;
    const isAway = Boolean(room?.joined && room.loaded && !this.#list.atBottom);
    assign(byID("to-bottom"), { hidden: !isAway });
    drawIf(byID("to-bottom"), unread, () => [icon("down"),
      element("span", {}, unread > 0 ? t("newMessages", { n: unread }) : t("newest"))]);
    const first = room?.messages.find((message) => !message.note)?.seq;
    const isAbove = Boolean(room?.joined && room.loaded && room.divider !== null && !room.atStart && first > room.divider + 1);
    assign(byID("to-unread"), { hidden: !isAbove, textContent: t("jumpUnread") });
  }

  #head(room, state) {
    const joined = room?.joined ?? false;
    const status = state.status ?? "online";
    const title = room && titleOf(room, state.me);
    const other = room && otherOf(room, state.me);
    drawIf(byID("room-picture"), [room?.id, title, other], () => room ? [roomAvatar(room, other)] : []);
    drawIf(byID("room-name"), [title, room?.private, other], () =>
      room ? [room.private && !other ? icon("lock") : "", nameOf(title)] : []);
    const count = Math.max(room?.count ?? 0, Object.keys(room?.people ?? {}).length);
    const about = !room ? "" : [
      joined ? t("onlineCount", { online: onlineCount(room, state.me, status), count }) : t("members", { n: count }),
      room.description].filter(Boolean).join(" · ");
    assign(byID("room-about"), { textContent: about, title: about });
    assign(byID("log"), { hidden: !joined });
    assign(byID("composer"), { hidden: !joined });
    assign(byID("attach"), { hidden: !state.server.file_bytes });
    for (const id of ["show-search", "show-pins", "show-people", "room-menu"]) assign(byID(id), { hidden: !joined });
    assign(byID("join-panel"), { hidden: joined || !room });
    assign(byID("join-text"), { textContent: room ? t("joinHint", { n: room.count }) : "" });
    assign(byID("no-room"), { hidden: Boolean(room), textContent: room ? "" : t("emptyRooms") });
    const typing = joined ? typingText(room.typing.map((user) => ({ name: calledIn(room, user) }))) : "";
    assign(byID("typing-text"), { textContent: typing });
    byID("typing").classList.toggle("on", Boolean(typing));
  }

  /** A line that goes away by itself. */
  #notice(notice) {
    const text = !notice ? "" : notice.key ? t(notice.key, notice.values) : notice.text;
    const toast = byID("toast");
    if (toast.textContent === text) return;
    clearTimeout(this.#toastTimer);
    assign(toast, { textContent: text, hidden: !text });
    if (text) this.#toastTimer = setTimeout(() => this.#actions.forgetNotice(), TOAST_MS);
  }
}
