// SPDX-License-Identifier: MIT

// What the user can do, as functions: each asks the server and says so if it refuses. What stands in
// dialogs is fetched when it is first needed.

import { ownRooms } from "./store.js";
import { errorText, t } from "./strings.js";

const MORE_MEMBERS = 300;

export class Commands {
  /** `parts`: store, connection, session, outbox, typing, loader, draw, openRoom, signOut, changeLanguage. */
  constructor(parts) {
    Object.assign(this, parts);
  }

  get state() {
    return this.store.state;
  }

  get room() {
    return this.state.rooms[this.state.open];
  }

  say(text) {
    this.store.dispatch({ type: "notice", notice: text ? { text } : null });
  }

  request(command) {
    return this.connection.request(command);
  }

  /** The token for calls over HTTP. */
  bearer() {
    return this.session.bearer((command) => this.request(command));
  }

  /** Files on their way. */
  uploads() {
    return this.using(() => import("./uploads.js"), ({ uploadsOf }) => uploadsOf(this));
  }

  /** A command whose refusal is worth a line on the page; undefined if it was refused. */
  async ask(command) {
    try {
      return await this.request(command);
    } catch (error) {
      this.say(await errorText(error));
      return undefined;
    }
  }

  inRoom(command) {
    return this.ask({ room: this.state.open, ...command });
  }

  /** Uses a module that is only now fetched. */
  async using(module, use) {
    try {
      return await use(await module());
    } catch (error) {
      this.say(error instanceof TypeError ? t("notConnected") : error.message);
      return undefined;
    }
  }

  confirm(text, action) {
    return this.using(() => import("./dialogs.js"), ({ confirm }) => confirm(text, action));
  }

  /** Shows a message in its conversation, which may have to be loaded around it. */
  async jump(room, seq) {
    if (this.state.open !== room) this.openRoom(room);
    const has = () => this.state.rooms[room]?.messages.some((message) => message.seq === seq);
    this.view.show(seq);
    // The first page of a room that was just opened may be on its way.
    await this.loader.settled(room);
    for (let tries = 0; tries < 2 && !has(); tries++) await this.loader.around(room, seq);
    if (!has()) this.view.show(null);
    this.draw();
  }

  enter(room) {
    this.store.dispatch({ type: "entered", room });
    this.openRoom(room.id);
  }

  async join(id) {
    const answer = await this.ask({ type: "room.join", room: id });
    if (answer) this.enter(answer.room);
  }

  async leave() {
    const { id, name } = this.room;
    if (!await this.confirm(t("confirmLeave", { room: name }), t("leave"))) return;
    this.typing.stop();
    if (!await this.ask({ type: "room.leave", room: id })) return;
    this.store.dispatch({ type: "exited", room: id });
    if (this.state.open) this.openRoom(this.state.open);
  }

  /** Everything that the parts of the page call. */
  get actions() {
    return { ...this.#messageActions, ...this.#roomActions, ...this.#pageActions };
  }

  get #messageActions() {
    const { outbox, typing, store, loader } = this;
    const target = (type, seq, more) => this.inRoom({ type, target: seq, ...more });
    const withFiles = (clientID, use) => {
      const { files } = this.state.pending.find((one) => one.clientID === clientID) ?? {};
      if (files) this.uploads().then((uploads) => files.forEach((one) => uploads && use(uploads, one.key)));
    };
    const toNewest = async () => {
      const { id, atEnd } = this.room;
      if (!atEnd) await loader.newest(id);
      store.dispatch({ type: "undivide", room: id });
      this.view.toBottom();
    };
    return {
      send: (text, replyTo) => {
        const { open, tray } = this.state;
        const files = tray[open];
        if (files?.length) store.dispatch({ type: "kept", kept: { tray: { ...tray, [open]: [] } } });
        outbox.send(open, text, replyTo, files);
        toNewest();
      },
      retry: (clientID) => {
        outbox.retry(clientID);
        withFiles(clientID, (uploads, key) => uploads.retry(key));
      },
      discard: (clientID) => {
        withFiles(clientID, (uploads, key) => uploads.cancel(key));
        outbox.discard(clientID);
      },
      attach: (files) => {
        const { open } = this.state;
        return this.using(() => import("./uploads.js"), ({ uploadsOf }) => uploadsOf(this).add(open, files));
      },
      tray: () => this.state.tray[this.state.open] ?? [],
      drawTray: (files) => this.using(() => import("./tray.js"), ({ drawTray }) => drawTray(files, this)),
      files: (box, message, files) => {
        const { open } = this.state;
        const fill = () => import("./files.js").then(({ fillBox }) => fillBox(box, message, files, this, open))
          .catch(() => document.addEventListener("welcome", fill, { once: true }));
        fill();
      },
      edit: (seq, text) => target("edit", seq, { text }),
      remove: async (message) => {
        if (await this.confirm(t("confirmDelete"), t("delete"))) target("delete", message.seq);
      },
      react: (seq, emoji, isAdded) => target(isAdded ? "react" : "unreact", seq, { emoji }),
      pin: (seq, isPinned) => target(isPinned ? "pin" : "unpin", seq),
      copy: (message) => navigator.clipboard?.writeText(message.text).then(() => this.say(t("copied")), () => {}),
      pick: (opener, choose) =>
        this.using(() => import("./picker.js"), ({ openPicker }) => openPicker(opener, choose)),
      readers: (seq) => this.#dialog((dialogs) => dialogs.openReaders(this, seq)),
      typing: (text) => typing.changed(this.state.open, text),
      stopTyping: () => typing.stop(),
      draft: (text) => {
        const room = this.state.open;
        if ((this.state.drafts[room] ?? "") !== text) store.dispatch({ type: "draft", room, text });
      },
      lastOwn: () => this.room?.messages.findLast((message) =>
        message.from?.id === this.state.me.id && !message.deleted && !message.note),
      older: () => loader.older(this.state.open),
      newer: () => loader.newer(this.state.open),
      jump: (room, seq) => this.jump(room, seq),
      toNewest,
      toUnread: async () => {
        // Where one left off need not be a message: it is a place in the log.
        const { id, divider } = this.room;
        await loader.around(id, divider + 1);
        const first = this.room.messages.find((message) => message.seq > divider && !message.note);
        if (first) this.jump(id, first.seq);
      },
    };
  }

  #dialog(use) {
    return this.using(() => import("./roomdialogs.js"), use);
  }

  get #roomActions() {
    const { store, loader, openRoom } = this;
    return {
      open: openRoom,
      join: () => this.join(this.state.open),
      accept: (invitation) => this.join(invitation.room.id),
      decline: async ({ room }) => {
        if (await this.ask({ type: "invitation.decline", room: room.id })) {
          store.dispatch({ type: "uninvited", room: room.id });
        }
      },
      createRoom: () => this.#dialog((dialogs) => dialogs.openCreate(this)),
      explore: () => this.#dialog((dialogs) => dialogs.openExplore(this)),
      invite: () => this.#dialog((dialogs) => dialogs.openInvite(this)),
      menu: (opener) => this.#dialog((dialogs) => dialogs.openRoomMenu(this, opener)),
      morePeople: () => loader.members(this.state.open, MORE_MEMBERS),
      person: (user) => this.using(() => import("./member.js"), ({ openMember }) => openMember(this, user)),
      step: (by) => {
        const rooms = ownRooms(this.state);
        const at = rooms.findIndex((room) => room.id === this.state.open);
        const next = rooms[(at + by + rooms.length) % rooms.length];
        if (next) openRoom(next.id);
      },
    };
  }

  get #pageActions() {
    return {
      redraw: this.draw,
      moved: () => {
        this.view.moved();
        this.draw();
      },
      retryNow: () => this.connection.retryNow(),
      forgetNotice: () => this.say(""),
      settings: () => this.using(() => import("./settings.js"), ({ openSettings }) => openSettings(this)),
      search: () => this.using(() => import("./search.js"), ({ Search }) => new Search(this)),
    };
  }
}
