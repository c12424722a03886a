// SPDX-License-Identifier: MIT

// The files of messages: pictures, players, and cards to download.

import { isPicture, shownSize } from "./attachments.js";
import { element, nameOf, stylesheet } from "./dom.js";
import { icon } from "./icons.js";
import { linkTo } from "./links.js";
import { mayDraw } from "./picture.js";
import "./strings-more.js";
import { errorText, t } from "./strings.js";
import { drawSending, sizeText } from "./tray.js";

await stylesheet("files.css");

// Above this a preview is shown first, if there is one.
const SMALL_BYTES = 60_000;
const PLAYED = {
  "video/mp4": "video", "video/webm": "video", "audio/mpeg": "audio", "audio/ogg": "audio", "audio/wav": "audio",
  "audio/flac": "audio", "video/ogg": "video", "audio/webm": "audio", "audio/mp4": "audio",
};

const kindOf = (type) => ["image", "audio", "video"].includes(type?.split("/")[0])
  ? t(type.split("/")[0]) : t("attachment");

function duration(milliseconds) {
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** What is known of a file without its bytes. */
function facts(one) {
  const known = [kindOf(one.media_type), sizeText(one.bytes ?? 0)];
  if (one.width && one.height) known.push(`${one.width} × ${one.height}`);
  if (one.duration_ms) known.push(duration(one.duration_ms));
  return known.join(" · ");
}

/** Fills the box of a message. `room` is its room's id, `page` the page's Commands. */
export function fillBox(box, message, files, page, room) {
  if (message.seq === undefined) {
    box.replaceChildren(...files.map((one) => drawSending(one, page)));
  } else {
    const pictures = files.filter(isPicture);
    const tiles = pictures.map((one) => picture(one, pictures, page, room));
    box.replaceChildren(
      tiles.length > 1 ? element("div", { className: "tiles" }, ...tiles) : tiles[0] ?? "",
      ...files.filter((one) => !isPicture(one)).map((one) =>
        PLAYED[one.media_type] ? player(one, page, room) : card(one, page, room)));
  }
  box.style.minHeight = "";
}

/** A name, what is known, and a way to save it. */
function card(one, page, room) {
  return element("button", {
    type: "button", className: "attachment", "data-attachment": one.id, "data-focus": one.id, title: one.name,
    "aria-label": `${t("download")}: ${one.name}, ${facts(one)}`, onclick: () => download(one, page, room),
  }, icon("file"), element("span", { className: "attachment-text" },
    element("span", { className: "attachment-name" }, nameOf(one.name)),
    element("span", { className: "faint" }, facts(one))), icon("download"));
}

/** Saves a file under its own name. */
export async function download(one, page, room) {
  try {
    const { url } = await linkTo(page, room, one.id);
    // The server says that it is to be saved: nothing that is in it is opened here.
    const link = element("a", { href: `${url}&download=1`, download: one.name });
    document.body.append(link);
    link.click();
    link.remove();
  } catch (error) {
    page.say(await errorText(error));
  }
}

/** Calls `show(url)` with an address that works; once more if the first one has ended meanwhile. */
async function withLink(one, page, room, show, otherwise) {
  for (const isFresh of [false, true]) {
    try {
      const link = await linkTo(page, room, one.id, isFresh);
      if (await show(link)) return;
    } catch {
      // Asked again with a new link; then there is none for us.
    }
  }
  otherwise();
}

function picture(one, all, page, room) {
  const { width, height } = shownSize(one);
  const image = element("img", { alt: one.name, decoding: "async", draggable: false });
  const button = element("button", {
    type: "button", className: "picture", "data-attachment": one.id, "data-focus": one.id, title: one.name,
    "aria-label": `${t("image")}: ${one.name}. ${t("showLarge")}`,
    onclick: () => page.using(() => import("./viewer.js"), ({ openViewer }) => openViewer(one, all, page, room, button)),
  }, image);
  button.style.width = `${width}px`;
  button.style.aspectRatio = `${width} / ${height}`;
  withLink(one, page, room, async ({ url, preview_url }) => {
    // Of one that moves, a preview would stand still.
    const isLarge = one.bytes > SMALL_BYTES && one.media_type !== "image/gif";
    const address = preview_url && isLarge ? preview_url : url;
    if (!await mayDraw(address)) return false;
    return loaded(image, address);
  }, () => button.replaceWith(card(one, page, room)));
  return button;
}

/** Resolves with whether the picture could be drawn. */
export function loaded(image, address) {
  return new Promise((resolve) => {
    image.onload = () => resolve(true);
    image.onerror = () => resolve(false);
    image.src = address;
  });
}

function player(one, page, room) {
  const kind = PLAYED[one.media_type];
  const media = element(kind, {
    controls: true, preload: "metadata", "aria-label": `${t(kind)}: ${one.name}`, "data-focus": `play ${one.id}`,
  });
  if (kind === "video") {
    const { width, height } = shownSize(one);
    media.style.width = `${width}px`;
    media.style.aspectRatio = `${width} / ${height}`;
  }
  const box = element("div", { className: `player ${kind}` }, media, card(one, page, room));
  withLink(one, page, room, ({ url }) => new Promise((resolve) => {
    media.onloadedmetadata = () => resolve(true);
    media.onerror = () => resolve(false);
    media.src = url;
  }), () => media.remove());
  // A link ends while one listens: a new one, at the same place.
  media.addEventListener("error", async () => {
    if (!media.isConnected || !media.currentTime) return;
    const at = media.currentTime;
    const { url } = await linkTo(page, room, one.id, true);
    media.src = url;
    media.currentTime = at;
    media.play();
  });
  return box;
}
