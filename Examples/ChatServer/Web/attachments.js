// SPDX-License-Identifier: MIT

// Where a message's files are shown: boxes of the right size at once; what is in them comes from a module that is
// fetched with the first.

import { element } from "./dom.js";
import { language } from "./strings.js";

const WIDEST_PX = 300;
const LOWEST_PX = 40;
const CARD_PX = 58;
const SONG_PX = 112;
const TILE_PX = 152;

const kept = new WeakMap();

const PICTURES = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp"];

export const isPicture = (file) => PICTURES.includes(file.media_type) && file.width > 0 && file.height > 0;

/** How large a picture or a video is shown, in pixels. */
export function shownSize({ width, height }) {
  if (!(width > 0 && height > 0)) return { width: WIDEST_PX, height: 170 };
  const scale = Math.min(1, WIDEST_PX / width, WIDEST_PX / height);
  return { width: Math.max(LOWEST_PX, Math.round(width * scale)), height: Math.max(LOWEST_PX, Math.round(height * scale)) };
}

/** About how high the files of a message are. */
export function heightOf(files) {
  if (!files?.length) return 0;
  const pictures = files.filter(isPicture);
  let height = pictures.length > 1 ? Math.ceil(pictures.length / 2) * TILE_PX
    : pictures.length === 1 ? shownSize(pictures[0]).height + 6 : 0;
  for (const one of files) {
    if (isPicture(one)) continue;
    const kind = one.media_type?.split("/")[0];
    height += kind === "video" ? shownSize(one).height + 6 : kind === "audio" ? SONG_PX : CARD_PX;
  }
  return height;
}

/** One line for lists and replies: what there is instead of a text. */
export const attachmentText = (files) =>
  files.length > 0 ? `📎 ${files.map((one) => one.name).join(", ")}` : "";

/** The files of a message, or those that are on their way with one; null if it has none. */
export function attachmentBox(message, actions) {
  const files = message.attachments?.length ? message.attachments : message.files;
  if (!files?.length) return null;
  const known = kept.get(files);
  // The same box in a row that is drawn anew: a song goes on.
  if (known && known.seq === message.seq && known.language === language()) return known.box;
  const box = element("div", { className: "attachments" });
  box.style.minHeight = `${heightOf(files)}px`;
  kept.set(files, { box, seq: message.seq, language: language() });
  actions.files(box, message, files);
  return box;
}
