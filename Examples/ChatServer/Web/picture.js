// SPDX-License-Identifier: MIT

// How large a picture is, and a small one made of it. The size is read from the head of the file first:
// a few kilobytes can say that they are a picture of gigabytes.

const HEAD_BYTES = 131_072;
const MOST_PIXELS = 64_000_000;
const PREVIEW_PX = 300;
const PREVIEW_CHARACTERS = 32_768;

const named = (view, at, text) => at + text.length <= view.byteLength
  && [...text].every((one, place) => view.getUint8(at + place) === one.charCodeAt(0));

/** The frame header of a JPEG is somewhere behind what else there is. */
function jpegSize(view) {
  for (let at = 2; at + 9 < view.byteLength && view.getUint8(at) === 0xff;) {
    const kind = view.getUint8(at + 1);
    if (kind >= 0xc0 && kind <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(kind)) {
      return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    }
    at += kind === 0xff ? 1 : 2 + view.getUint16(at + 2);
  }
  return null;
}

function webpSize(view) {
  const three = (at) => view.getUint16(at, true) + (view.getUint8(at + 2) << 16) + 1;
  if (named(view, 12, "VP8X")) return { width: three(24), height: three(27) };
  if (named(view, 12, "VP8L")) {
    const bits = view.getUint32(21, true);
    return { width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1 };
  }
  return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
}

/** The largest of the pictures that an AVIF file consists of. */
function avifSize(view) {
  let found = null;
  for (let at = 12; at + 16 <= view.byteLength; at++) {
    if (view.getUint8(at) !== 0x69 || !named(view, at, "ispe")) continue;
    const size = { width: view.getUint32(at + 8), height: view.getUint32(at + 12) };
    if (!found || size.width * size.height > found.width * found.height) found = size;
  }
  return found;
}

/** What the head of a file says of its width and height; null if it is no picture that we know. */
export function sizeOf(buffer) {
  const view = new DataView(buffer);
  try {
    if (named(view, 0, "\x89PNG") && named(view, 12, "IHDR")) return { width: view.getUint32(16), height: view.getUint32(20) };
    if (named(view, 0, "GIF8")) return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
    if (named(view, 0, "\xff\xd8")) return jpegSize(view);
    if (named(view, 0, "RIFF") && named(view, 8, "WEBP")) return webpSize(view);
    if (named(view, 4, "ftypavi")) return avifSize(view);
    if (named(view, 0, "BM")) return { width: view.getInt32(18, true), height: Math.abs(view.getInt32(22, true)) };
  } catch (error) {
    // The file ends before its own head does.
    if (!(error instanceof RangeError)) throw error;
  }
  return null;
}

/** Whether a browser may be asked to draw that. */
export const isHarmless = (size) =>
  size !== null && size.width > 0 && size.height > 0 && size.width * size.height <= MOST_PIXELS;

/** Whether what stands at an address is a picture that may be drawn: its head is fetched to see. */
export async function mayDraw(url) {
  const response = await fetch(url, { headers: { Range: `bytes=0-${HEAD_BYTES - 1}` } });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return isHarmless(sizeOf(await response.arrayBuffer()));
}

/**
 * Width, height and a preview of a picture file, as it is to be seen: turned as its EXIF says. Null for what is
 * none, or cannot be drawn.
 */
export async function describe(file) {
  if (!isHarmless(sizeOf(await file.slice(0, HEAD_BYTES).arrayBuffer()))) return null;
  let bitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return null;
  }
  const { width, height } = bitmap;
  const scale = Math.min(1, PREVIEW_PX / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return { width, height, preview: await encoded(canvas), canvas };
}

/** As a data URL that the server takes; null if no quality is low enough. */
async function encoded(canvas) {
  for (const quality of [0.8, 0.6, 0.4, 0.2]) {
    let url = canvas.toDataURL("image/webp", quality);
    // A browser that cannot write WebP gives a PNG.
    if (!url.startsWith("data:image/webp")) url = canvas.toDataURL("image/jpeg", quality);
    if (url.length <= PREVIEW_CHARACTERS) return url;
  }
  return null;
}
