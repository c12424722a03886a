// SPDX-License-Identifier: MIT

// Files on their way: in the tray above the text that one writes, and in the message that waits for them.

import { button, byID, element, iconButton, nameOf, stylesheet } from "./dom.js";
import { icon } from "./icons.js";
import "./strings-more.js";
import { language, t } from "./strings.js";

await stylesheet("files.css");

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"];
const THUMBNAIL_PX = 44;
const tiles = new Map();

/** 1.4 MB, in the present language. */
export function sizeText(bytes) {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return new Intl.NumberFormat(language(), {
    style: "unit", unit: UNITS[unit], unitDisplay: "short",
    maximumFractionDigits: value < 10 && unit > 0 ? 1 : 0,
  }).format(value);
}

/** Draws what was chosen for the next message; what is there already stays. */
export function drawTray(files, page) {
  const shown = files.map((one) => {
    const key = `${one.key} ${language()}`;
    if (!tiles.has(key)) tiles.set(key, drawSending(one, page));
    return tiles.get(key);
  });
  for (const [key, tile] of tiles) if (!shown.includes(tile)) tiles.delete(key);
  const tray = byID("tray");
  tray.hidden = shown.length === 0;
  if (shown.length === tray.children.length && shown.every((tile, at) => tile === tray.children[at])) return;
  const held = tray.contains(document.activeElement);
  tray.replaceChildren(...shown);
  if (held) (tray.querySelector("button") ?? byID("text")).focus();
}

/** One file: what it looks like, its name, how far it is, and a way to take it back. */
export function drawSending(one, page) {
  const state = element("span", { className: "faint" }, sizeText(one.bytes));
  const bar = element("span", {
    className: "bar", role: "progressbar", "aria-label": one.name, "aria-valuemin": "0", "aria-valuemax": "100",
  }, element("span"));
  const picture = element("span", { className: "thumbnail" }, icon("file"));
  const again = button(t("retry"), { className: "link", hidden: true }, () => uploads()?.retry(one.key));
  const node = element("div", { className: "sending", "data-sending": one.name }, picture,
    element("span", { className: "attachment-text" },
      element("span", { className: "attachment-name", title: one.name }, nameOf(one.name)), state, bar), again,
    iconButton("close", `${t("cancelUpload")}: ${one.name}`, { "data-focus": one.key, "data-cancel": one.name },
      async () => (await page.uploads())?.cancel(one.key)));
  let all = null;
  const uploads = () => all;
  page.uploads().then(async (known) => {
    await known?.resumed;
    all = known;
    if (!known?.has(one.key)) show({ phase: one.id ? "done" : "failed", sent: 0, error: one.id ? null : t("uploadLost") });
    known?.watch(one.key, node, show);
  });

  function show(upload) {
    const part = upload.phase === "done" ? 1 : Math.min(0.99, upload.sent / one.bytes);
    const percent = Math.floor(part * 100);
    node.dataset.phase = upload.phase;
    bar.hidden = upload.phase === "done" || upload.phase === "failed";
    bar.firstChild.style.width = `${percent}%`;
    bar.setAttribute("aria-valuenow", String(percent));
    const text = stateText(upload, one, percent);
    if (state.textContent !== text) state.textContent = text;
    state.classList.toggle("field-error", upload.phase === "failed");
    if (upload.phase === "failed") state.setAttribute("role", "alert");
    again.hidden = upload.phase !== "failed" || !upload.source;
    const small = upload.picture?.canvas;
    if (small && !picture.querySelector("canvas")) picture.replaceChildren(thumbnail(small));
  }
  return node;
}

function stateText(upload, one, percent) {
  const size = sizeText(one.bytes);
  switch (upload.phase) {
  case "failed": return upload.error;
  case "done": return size;
  case "waiting": return `${size} · ${t("uploadWaiting")}`;
  case "sending": return `${size} · ${percent} %`;
  default: return `${size} · ${t("uploadPreparing")}`;
  }
}

/** The middle of a picture, as a square. */
function thumbnail(source) {
  const side = Math.min(source.width, source.height);
  const pixels = THUMBNAIL_PX * Math.min(2, devicePixelRatio);
  const canvas = element("canvas", { width: pixels, height: pixels });
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(source, (source.width - side) / 2, (source.height - side) / 2, side, side, 0, 0, pixels, pixels);
  return canvas;
}
