// SPDX-License-Identifier: MIT

// A picture as large as the window: arrows go to the next one of the conversation, Escape and a click beside it close.

import { isPicture } from "./attachments.js";
import { element, iconButton, nameOf } from "./dom.js";
import { download, loaded } from "./files.js";
import { linkTo } from "./links.js";
import { mayDraw } from "./picture.js";
import { t } from "./strings.js";

/** All pictures of the conversation that are loaded, in order. */
function gallery(page, room) {
  const { messages } = page.state.rooms[room];
  const { blocked } = page.state;
  return messages.flatMap((message) =>
    message.note || blocked[message.from?.id] ? [] : (message.attachments ?? []).filter(isPicture));
}

/** `ownPictures`: those of the same message; `opener` gets the focus back. */
export function openViewer(one, ownPictures, page, room, opener) {
  let all = gallery(page, room);
  if (!all.some((other) => other.id === one.id)) all = ownPictures;
  let at = Math.max(0, all.findIndex((other) => other.id === one.id));
  const image = element("img", { alt: "" });
  const problem = element("p", { role: "status" });
  const name = element("h2", {});
  const count = element("span", { "aria-live": "polite" });
  const stage = element("div", { className: "stage" }, image, problem);
  const go = (by) => {
    at = (at + by + all.length) % all.length;
    show();
  };
  const back = iconButton("back", t("previousPicture"), { className: "before" }, () => go(-1));
  const next = iconButton("next", t("nextPicture"), { className: "after" }, () => go(1));
  const dialog = element("dialog", { className: "viewer", "aria-label": t("image") },
    element("header", {}, name, count,
      iconButton("download", t("download"), {}, () => download(all[at], page, room)),
      iconButton("close", t("close"), { "data-act": "close-viewer" }, () => dialog.close())),
    stage, all.length > 1 ? back : "", all.length > 1 ? next : "");

  async function show() {
    const wanted = all[at];
    name.replaceChildren(nameOf(wanted.name));
    count.textContent = all.length > 1 ? `${at + 1} / ${all.length}` : "";
    problem.textContent = "";
    image.alt = wanted.name;
    image.hidden = true;
    image.removeAttribute("src");
    for (const isFresh of [false, true]) {
      try {
        const { url } = await linkTo(page, room, wanted.id, isFresh);
        const isDrawn = await mayDraw(url) && wanted === all[at] && await loaded(image, url);
        if (wanted !== all[at]) return;
        if (isDrawn) {
          image.hidden = false;
          return;
        }
      } catch {
        // Once more, with a new link.
      }
    }
    if (wanted === all[at]) problem.textContent = t("cannotShow");
  }

  dialog.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step && all.length > 1) go(step);
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target === stage) dialog.close();
  });
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (opener?.isConnected) opener.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
  dialog.querySelector("[data-act=close-viewer]").focus();
  return show();
}
