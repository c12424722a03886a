# SPDX-License-Identifier: MIT
"""Files to send, made here: pictures, sounds, and what people with bad intentions make."""

import base64
import math
import os
import random
import struct
import zlib


def write(folder, name, content):
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(content)
    return path


def png_of_rows(width, height, depth, kind, rows):
    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
    packer = zlib.compressobj(9)
    packed = b"".join([packer.compress(row) for row in rows] + [packer.flush()])
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0))
            + chunk(b"IDAT", packed) + chunk(b"IEND", b""))


def picture(width, height, seed=0, grain=3):
    """Hills under a sky, with a sun: something to look at on the screenshots."""
    def colour(x, y):
        ridge = height * (0.55 + 0.12 * math.sin(x / width * 7 + seed) + 0.05 * math.sin(x / width * 19 + seed * 2))
        near = height * (0.78 + 0.08 * math.sin(x / width * 5 + 2 + seed))
        if (x - width * 0.72) ** 2 + (y - height * 0.26) ** 2 < (min(width, height) * 0.09) ** 2:
            return 255, 244, 200
        if y > near:
            return 38 + 20 * seed % 60, 92 - y * 20 // height, 58
        if y > ridge:
            return 84, 128 + 10 * seed % 40, 112
        part = y / height
        return int(120 + 110 * part), int(178 + 40 * part), int(232 - 30 * part)
    noise = random.Random(seed)
    rows = (b"\0" + bytes(max(0, min(255, value + noise.randrange(-grain, grain + 1))) for x in range(width) for value in colour(x, y))
            for y in range(height))
    return png_of_rows(width, height, 8, 2, rows)


def bomb(side=30_000):
    """A hundred kilobytes that say they are a picture of almost a billion points."""
    row = b"\0" * (1 + side // 8)
    return png_of_rows(side, side, 1, 0, (row for _ in range(side)))


def turned_jpeg(page, width, height, orientation=6):
    """A JPEG that is red on the left and blue on the right, with an EXIF head that says how to turn it."""
    url = page.script("""
        const canvas = document.createElement('canvas');
        [canvas.width, canvas.height] = [arguments[0], arguments[1]];
        const context = canvas.getContext('2d');
        context.fillStyle = '#f00';
        context.fillRect(0, 0, arguments[0] / 2, arguments[1]);
        context.fillStyle = '#00f';
        context.fillRect(arguments[0] / 2, 0, arguments[0] / 2, arguments[1]);
        return canvas.toDataURL('image/jpeg', 0.95);""", width, height)
    plain = base64.b64decode(url.split(",")[1])
    tiff = b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 1) + struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0) + b"\0" * 4
    exif = b"Exif\0\0" + tiff
    return plain[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + plain[2:]


def sound(seconds=1):
    rate = 8_000
    body = b"".join(struct.pack("<h", int(9_000 * math.sin(at / rate * 440 * 2 * math.pi))) for at in range(rate * seconds))
    return (b"RIFF" + struct.pack("<I", 36 + len(body)) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, rate, rate * 2, 2, 16)
            + b"data" + struct.pack("<I", len(body)) + body)


def film(page):
    """A second of WebM, recorded by the browser."""
    url = page.asynchronous("""
        const canvas = document.createElement('canvas');
        [canvas.width, canvas.height] = [160, 90];
        const context = canvas.getContext('2d');
        const recorder = new MediaRecorder(canvas.captureStream(20), { mimeType: 'video/webm' });
        const parts = [];
        recorder.ondataavailable = (event) => parts.push(event.data);
        const ended = new Promise((resolve) => { recorder.onstop = resolve; });
        recorder.start();
        for (let frame = 0; frame < 20; frame++) {
          context.fillStyle = `hsl(${frame * 18} 60% 50%)`;
          context.fillRect(0, 0, 160, 90);
          await new Promise((resolve) => setTimeout(resolve, 40));
        }
        recorder.stop();
        await ended;
        const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
        return btoa(String.fromCharCode(...bytes));""")
    return base64.b64decode(url)


CALL = "window.owned=1"
SCRIPTED_SVG = (f'<svg xmlns="http://www.w3.org/2000/svg" width="80" height="80" onload="{CALL}">'
                f"<script>{CALL}</script><rect width='80' height='80'/></svg>").encode()
SCRIPTED_HTML = f"<!doctype html><title>x</title><script>{CALL}</script><img src=x onerror={CALL}>".encode()
