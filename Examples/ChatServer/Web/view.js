// SPDX-License-Identifier: MIT

import { unreadOf } from "./log.js";
import { assign, avatar, byID, element } from "./dom.js";
import { MessageList } from "./messages.js";
import { totalUnread } from "./store.js";
import { typingText } from "./signals.js";

const STATUS_ORDER = ["online", "busy", "away", "offline"];

/** Everything on the page but the messages: draws a state, and turns input into actions. */
export class View {
  #actions;
  #messages;
  #drawn = {};
  #context = null;
  #ticker = 0;

  constructor(actions) {
    this.#actions = actions;
    this.#messages = new MessageList(byID("log"), {
      ...actions,
      reply: (message) => this.#setContext({ kind: "reply", message }),
      edit: (message) => this.#setContext({ kind: "edit", message }),
      changed: () => actions.redraw(),
    });
    this.#listen();
  }

  get atBottom() {
    return this.#messages.atBottom;
  }

  #listen() {
    byID("sign-in").addEventListener("submit", (event) => {
      event.preventDefault();
      const name = byID("name").value.trim();
      if (name) this.#actions.signIn(name, byID("keep").checked);
    });
    byID("create-room").addEventListener("submit", (event) => {
      event.preventDefault();
      const name = byID("new-room").value.trim();
      if (name) this.#actions.create(name, byID("new-private").checked);
      byID("create-room").reset();
    });
    byID("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    const text = byID("text");
    text.addEventListener("keydown", (event) => this.#key(event));
    text.addEventListener("input", () => {
      this.#grow();
      if (this.#context?.kind !== "edit") this.#actions.typing(text.value);
    });
    text.addEventListener("blur", () => this.#actions.stopTyping());
    const clicks = {
      "retry-now": () => this.#actions.retryNow(),
      "sign-out": () => this.#actions.signOut(),
      "to-bottom": () => this.#messages.toBottom(),
      "context-cancel": () => this.#setContext(null),
      leave: () => this.#actions.leave(),
      join: () => this.#actions.join(),
      "show-rooms": () => this.#toggle("rooms"),
      "show-people": () => this.#toggle("people"),
    };
    for (const [id, action] of Object.entries(clicks)) {
      byID(id).addEventListener("click", action);
    }
  }

  #key(event) {
    // Enter that ends the composition of a character (IME) is not meant for us.
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.#submit();
    } else if (event.key === "Escape") {
      this.#setContext(null);
    } else if (event.key === "ArrowUp" && byID("text").value === "") {
      const message = this.#actions.lastOwn();
      if (message) {
        event.preventDefault();
        this.#setContext({ kind: "edit", message });
      }
    }
  }

  #submit() {
    const text = byID("text").value.trim();
    const context = this.#context;
    if (!text) return;
    byID("text").value = "";
    this.#setContext(null);
    this.#grow();
    this.#actions.stopTyping();
    if (context?.kind === "edit") this.#actions.edit(context.message.seq, text);
    else this.#actions.send(text, context?.message.seq);
    this.#messages.toBottom();
  }

  #setContext(context) {
    const text = byID("text");
    if (this.#context?.kind === "edit") text.value = "";
    this.#context = context;
    byID("context").hidden = !context;
    if (!context) return;
    const { kind, message } = context;
    byID("context-text").textContent =
      kind === "edit" ? "Editing your message" : `Reply to ${message.from.name}: ${message.text}`;
    if (kind === "edit") text.value = message.text;
    this.#grow();
    text.focus();
  }

  #grow() {
    const text = byID("text");
    text.rows = Math.min(8, text.value.split("\n").length);
  }

  #toggle(panel) {
    const shown = byID(panel).classList.toggle("shown");
    byID(`show-${panel}`).setAttribute("aria-expanded", String(shown));
  }

  #closePanels() {
    for (const panel of ["rooms", "people"]) {
      if (byID(panel).classList.contains("shown")) this.#toggle(panel);
    }
  }

  /** Called when another room was opened. */
  entered() {
    this.#closePanels();
    this.#setContext(null);
    byID("text").value = "";
    byID("text").focus();
  }

  signInError(text) {
    byID("sign-in-error").textContent = text;
  }

  render(state) {
    const inside = state.me !== null;
    assign(byID("sign-in"), { hidden: inside });
    assign(byID("app"), { hidden: !inside });
    assign(byID("sign-out"), { hidden: !inside });
    assign(byID("who"), { textContent: state.me?.name ?? "" });
    this.#connection(state.connection);
    const unread = totalUnread(state);
    assign(document, { title: unread > 0 ? `(${unread}) Chat` : "Chat" });
    if (!inside) return;
    const room = state.rooms[state.open];
    this.#rooms(state);
    this.#head(room, state.notice);
    this.#people(room, state.me);
    this.#messages.render(room, state.me, state.pending);
    this.scrolled();
  }

  scrolled() {
    assign(byID("to-bottom"), { hidden: this.#messages.atBottom });
  }

  #connection(connection) {
    clearTimeout(this.#ticker);
    const { phase, retryAt, reason } = connection;
    const seconds = Math.max(0, Math.ceil((retryAt - Date.now()) / 1000));
    const texts = {
      online: "Connected", connecting: "Connecting…", offline: "Offline",
      waiting: `Reconnecting in ${seconds} s`, closed: reason || "Not connected",
    };
    assign(byID("connection"), { textContent: texts[phase] });
    byID("connection").dataset.phase = phase;
    assign(byID("retry-now"), { hidden: phase !== "waiting" });
    if (phase === "waiting") this.#ticker = setTimeout(() => this.#connection(connection), 500);
  }

  #rooms(state) {
    if (this.#drawn.rooms === state.rooms && this.#drawn.open === state.open) return;
    this.#drawn.rooms = state.rooms;
    this.#drawn.open = state.open;
    const rooms = Object.values(state.rooms).sort((a, b) =>
      Number(b.joined) - Number(a.joined) || a.name.localeCompare(b.name));
    const shape = JSON.stringify([state.open, rooms.map((room) =>
      [room.id, room.name, room.joined, room.private, unreadOf(room), room.count])]);
    if (this.#drawn.shape === shape) return;
    this.#drawn.shape = shape;
    byID("room-list").replaceChildren(...rooms.map((room) => {
      const unread = unreadOf(room);
      return element("li", {}, element("button", {
        type: "button", className: room.joined ? "" : "foreign", "data-room": room.name,
        "aria-current": String(room.id === state.open),
        onclick: () => this.#actions.open(room.id),
      },
      element("span", { className: "label" }, `${room.private ? "🔒 " : "# "}${room.name}`),
      unread > 0
        ? element("span", { className: "unread", "aria-label": `${unread} unread` }, String(unread))
        : null));
    }));
  }

  #head(room, notice) {
    assign(byID("notice"), { hidden: !notice, textContent: notice });
    const joined = room?.joined ?? false;
    assign(byID("room-name"), { textContent: room?.name ?? "" });
    assign(byID("room-about"), { textContent: room?.description ?? "" });
    assign(byID("leave"), { hidden: !joined });
    assign(byID("log"), { hidden: !joined });
    assign(byID("composer"), { hidden: !joined });
    assign(byID("join-panel"), { hidden: joined || !room });
    assign(byID("join-text"), {
      textContent: room ? `You are not in this room. It has ${room.count} members.` : "",
    });
    assign(byID("typing"), { textContent: joined ? typingText(room.typing) : "" });
  }

  #people(room, me) {
    if (this.#drawn.people === room?.people && this.#drawn.peopleRoom === room) return;
    this.#drawn.people = room?.people;
    this.#drawn.peopleRoom = room;
    const everybody = Object.values(room?.joined ? room.people : {}).map((person) =>
      person.id === me.id && person.status === "offline"
        ? { ...person, status: "online" } : person);
    everybody.sort((a, b) =>
      STATUS_ORDER.indexOf(a.status) - STATUS_ORDER.indexOf(b.status)
        || a.name.localeCompare(b.name));
    const online = room?.large ? room.online
      : everybody.filter((person) => person.status !== "offline").length;
    const count = Math.max(room?.count ?? 0, everybody.length);
    assign(byID("people-title"), { textContent: `${online} online of ${count}` });
    const shape = JSON.stringify(everybody.map((one) => [one.id, one.name, one.role, one.status]));
    if (this.#drawn.peopleShape === shape) return;
    this.#drawn.peopleShape = shape;
    byID("people-list").replaceChildren(...everybody.map((person) =>
      element("li", { className: person.status, "data-user": person.name }, avatar(person),
        element("span", {}, person.name, person.role && person.role !== "member"
          ? element("small", {}, ` ${person.role}`) : null),
        element("span", {
          className: `status ${person.status}`, title: person.status, role: "img",
          "aria-label": person.status,
        }))));
  }
}
