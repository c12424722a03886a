// SPDX-License-Identifier: MIT

// Making, finding and changing rooms, and inviting people into them.

import { avatar, roomAvatar } from "./avatar.js";
import { fullTime, when } from "./dates.js";
import { button, choice, element, field, nameOf } from "./dom.js";
import { closeDialog, confirm, formOf, openDialog } from "./dialogs.js";
import { moderates, rankOf } from "./members.js";
import { openMenu } from "./popup.js";
import "./strings-more.js";
import { errorText, t } from "./strings.js";

const kinds = () => [["public", `${t("public")} – ${t("publicHint")}`], ["private", `${t("private")} – ${t("privateHint")}`]];

// Every function takes the page's Commands.

export function openCreate(page) {
  const name = element("input", { id: "new-room", maxLength: 100, required: true, autocomplete: "off" });
  const description = element("input", { maxLength: 500, autocomplete: "off" });
  const kind = choice(kinds(), "public", null, { "data-testid": "new-kind" });
  const fields = {
    name: field(t("roomName"), name), description: field(t("roomDescription"), description),
    private: element("label", { className: "field" }, kind),
  };
  openDialog(t("createRoom"), formOf(fields, t("create"), async () => {
    if (!name.value.trim()) {
      fields.name.say(t("fieldRequired"));
      return;
    }
    const { room } = await page.request({
      type: "room.create", name: name.value.trim(), description: description.value.trim(),
      private: kind.value === "private",
    });
    closeDialog();
    page.enter(room);
  }));
}

/** Public rooms that one is not in. */
export function openExplore(page) {
  const list = element("ul", { className: "explore", "data-testid": "explore-list" });
  const find = element("input", {
    type: "search", placeholder: t("searchRooms"), "aria-label": t("searchRooms"), oninput: () => fill(),
  });
  const fill = () => {
    const wanted = find.value.trim().toLowerCase();
    const found = Object.values(page.state.rooms).filter((room) => !room.joined
      && (room.name.toLowerCase().includes(wanted) || room.description.toLowerCase().includes(wanted)))
      .sort((a, b) => b.count - a.count);
    list.replaceChildren(...found.map((room) => element("li", { "data-foreign": room.name },
      roomAvatar(room),
      element("span", { className: "person-text" }, element("strong", {}, nameOf(room.name)),
        element("span", { className: "faint" },
          nameOf([t("members", { n: room.count }), room.description].filter(Boolean).join(" · ")))),
      button(t("join"), { className: "primary small" }, () => {
        closeDialog();
        page.join(room.id);
      }))),
    found.length === 0 ? element("li", { className: "empty" }, wanted ? t("noResults") : t("exploreEmpty")) : "");
  };
  fill();
  openDialog(t("explore"), [element("p", { className: "faint" }, t("exploreHint")), find, list,
    joinByPassword(page)]);
}

/** A private room that has a password is entered by its name. */
function joinByPassword(page) {
  const name = element("input", { autocomplete: "off" });
  const password = element("input", { type: "password", autocomplete: "off" });
  const fields = { room: field(t("roomName"), name), password: field(t("password"), password) };
  const form = formOf(fields, t("join"), async () => {
    const { room } = await page.request({ type: "room.join", room: name.value.trim(), password: password.value });
    closeDialog();
    page.enter(room);
  });
  return element("details", {}, element("summary", {}, t("joinPrivate")), form);
}

/** Links that let in whoever has them: the newest first, and a button for another one. */
async function fillLinks(target, page) {
  const { id } = page.room;
  const answer = await page.request({ type: "link.list", room: id, limit: 20 }).catch(() => null);
  if (!answer) return;
  const address = (code) => `${location.origin}/?join=${encodeURIComponent(code)}`;
  target.replaceChildren(element("h3", {}, t("links")), ...answer.links.map((link) => element("div", { className: "row" },
    element("input", { readOnly: true, value: address(link.code), "data-link": link.code, "aria-label": t("links"),
      title: t("until", { time: fullTime(link.until) }), onfocus: (event) => event.target.select() }),
    button(t("revoke"), { className: "small" }, async () => {
      await page.ask({ type: "link.revoke", room: id, code: link.code });
      fillLinks(target, page);
    }))),
  button(t("newLink"), { "data-act": "new-link" }, async () => {
    if (await page.ask({ type: "link.create", room: id })) fillLinks(target, page);
  }));
}

/** Whom one knows from other rooms. */
function acquaintances({ state, room }) {
  const known = new Map();
  for (const other of Object.values(state.rooms)) {
    for (const user of [...Object.values(other.people), ...other.someMembers]) {
      if (!(user.id in room.people) && user.id !== state.me.id) known.set(user.id, user);
    }
  }
  return [...known.values()].sort((a, b) => a.name.localeCompare(b.name));
}

export function openInvite(page) {
  const { room } = page;
  const known = acquaintances(page);
  const list = element("ul", { className: "explore" });
  const name = element("input", {
    autocomplete: "off", placeholder: t("inviteHint"), "aria-label": t("inviteHint"), oninput: () => fill(),
  });
  const problem = element("p", { className: "field-error", role: "alert" });
  const fill = () => {
    const wanted = name.value.trim().toLowerCase();
    const found = known.filter((user) => `${user.name} ${user.display_name ?? ""}`.toLowerCase().includes(wanted));
    list.replaceChildren(...found.slice(0, 50).map((user) => element("li", { "data-invitee": user.name },
      avatar(user), element("span", { className: "person-text" },
        element("strong", {}, nameOf(user.display_name || user.name)),
        element("span", { className: "faint" }, "@", nameOf(user.name))),
      button(t("invite"), { className: "primary small" }, async (event) => {
        event.target.disabled = true;
        try {
          await page.request({ type: "room.invite", room: room.id, user: user.id });
          problem.textContent = "";
          page.say(t("invitedDone", { name: user.name }));
          closeDialog();
        } catch (error) {
          problem.textContent = await errorText(error);
          event.target.disabled = false;
        }
      }))), found.length === 0 ? element("li", { className: "empty" }, t("inviteNobody")) : "");
  };
  fill();
  const links = element("div", { className: "stack" });
  openDialog(`${t("invitePeople")} – ${room.name}`, [name, problem, list, links]);
  if (moderates(room)) fillLinks(links, page);
}

export function openRoomMenu(page, opener) {
  const { room, state } = page;
  const isMuted = Boolean(state.muted[room.id]);
  openMenu(opener, [
    !room.direct && (moderates(room) || !room.private) ? ["plus", t("invitePeople"), () => openInvite(page), "invite"] : null,
    [isMuted ? "bell" : "bellOff", isMuted ? t("unmuteRoom") : t("muteRoom"), () => page.store.dispatch({
      type: "kept", kept: { muted: { ...state.muted, [room.id]: !isMuted } },
    }), "mute"],
    ["pin", t("pinned"), () => page.view.showPanel("pins"), "pins"],
    room.direct ? null : ["settings", t("roomSettings"), () => openRoomSettings(page), "settings"],
    room.role === "owner" || room.direct ? null : ["back", t("leave"), () => page.leave(), "leave"],
  ]);
}

function openRoomSettings(page) {
  const { room } = page;
  const mayChange = rankOf(room.role) >= rankOf("admin");
  const input = (value, more) => element("input", { value, disabled: !mayChange, autocomplete: "off", ...more });
  const name = input(room.name, { maxLength: 100, "data-testid": "room-new-name" });
  const description = element("textarea", { value: room.description, disabled: !mayChange, maxLength: 500, rows: 2 });
  const kind = choice(kinds(), room.private ? "private" : "public", null, { disabled: !mayChange });
  const password = input("", { type: "password", autocomplete: "new-password", maxLength: 512 });
  const most = input(String(room.maxMembers), { type: "number", min: 0, max: 100000 });
  const slow = input(String(room.slowMode), { type: "number", min: 0, max: 21600 });
  const fields = {
    name: field(t("roomName"), name), description: field(t("description"), description),
    private: element("label", { className: "field" }, kind),
    password: field(t("roomPassword"), password), max_members: field(t("maxMembers"), most), slow_mode_seconds: field(t("slowMode"), slow),
  };
  const form = formOf(fields, t("save"), async () => {
    const wanted = {
      name: name.value.trim(), description: description.value.trim(), private: kind.value === "private",
      max_members: Number(most.value) || 0, slow_mode_seconds: Number(slow.value) || 0,
    };
    const present = {
      name: room.name, description: room.description, private: room.private, max_members: room.maxMembers,
      slow_mode_seconds: room.slowMode,
    };
    const changes = Object.fromEntries(Object.entries(wanted).filter(([key, value]) => value !== present[key]));
    if (Object.keys(changes).length > 0) await page.request({ type: "room.update", room: room.id, ...changes });
    if (password.value) await page.request({ type: "room.password", room: room.id, password: password.value });
    closeDialog();
  });
  if (!mayChange) form.querySelector(".actions").hidden = true;
  const bans = element("div", {});
  openDialog(t("roomSettings"), [form, moderates(room) ? bans : "", element("div", { className: "stack" },
    room.role === "owner" ? "" : button(t("leave"), { "data-act": "leave" }, () => page.leave()),
    room.role === "owner"
      ? button(t("deleteRoom"), { className: "danger-text", "data-act": "delete-room" }, async () => {
        if (await confirm(t("confirmDeleteRoom", { room: room.name }), t("deleteRoom"))) page.ask({ type: "room.delete", room: room.id });
      }) : "")]);
  if (moderates(room)) fillBans(bans, page);
}

async function fillBans(target, page) {
  const answer = await page.inRoom({ type: "room.bans", limit: 100 });
  if (!answer?.bans.length) return;
  target.replaceChildren(element("h3", {}, t("bannedPeople")), element("ul", { className: "explore" },
    ...answer.bans.map((ban) => element("li", { "data-banned": ban.user.name }, avatar(ban.user),
      element("span", { className: "person-text" }, element("strong", {}, nameOf(ban.user.name)),
        element("span", { className: "faint" }, nameOf([ban.reason,
          ban.until ? t("until", { time: fullTime(ban.until) }) : when(ban.at)].filter(Boolean).join(" · ")))),
      button(t("unban"), { className: "small" }, async () => {
        await page.inRoom({ type: "member.unban", user: ban.user.id });
        target.replaceChildren();
        await fillBans(target, page);
      })))));
}

/** Who has read a message, and when; those who come to it while one looks are added. */
export async function openReaders(page, seq) {
  const room = page.state.open;
  const body = element("div", {});
  // Each asks for one more answer at most: the author as well, who is no reader.
  const known = new Set();
  const fill = async () => {
    const answer = await page.ask({ type: "readers", room, seq });
    if (!answer) return false;
    for (const user of answer.readers) known.add(user.id);
    body.replaceChildren(answer.readers.length === 0
      ? element("p", { className: "faint" }, `${t("readByNobody")} (${t(answer.status)})`)
      : element("ul", { className: "explore", "data-testid": "readers" }, ...answer.readers.map(reader)));
    return true;
  };
  if (!await fill()) return;
  const told = ({ detail }) => {
    if (detail.room !== room || detail.read < seq || known.has(detail.user)) return;
    known.add(detail.user);
    fill();
  };
  document.addEventListener("receipt", told);
  openDialog(t("readBy"), body, { kind: "small", onclose: () => document.removeEventListener("receipt", told) });
}

const reader = (user) =>
  element("li", { "data-reader": user.name }, avatar(user), element("span", { className: "person-text" },
    element("strong", {}, nameOf(user.display_name || user.name)),
    element("span", { className: "faint" }, user.at ? t("readAt", { time: fullTime(user.at) }) : t("readUnknown"))));
