// SPDX-License-Identifier: MIT

// A sound and a desktop notification for others' new messages: never for one's own, never for what
// is only repeated after a reconnect or read from history, never from a muted room.

import { summary } from "./rows.js";

const SOUND_KEY = "chat.sound";
const DESKTOP_KEY = "chat.notifications";
const QUIET_MS = 1_500;

let audio = null;
let lastSound = 0;

export const wantsSound = () => localStorage.getItem(SOUND_KEY) !== "off";
export const wantsDesktop = () => localStorage.getItem(DESKTOP_KEY) === "on"
  && globalThis.Notification?.permission === "granted";

export function setSound(isOn) {
  localStorage.setItem(SOUND_KEY, isOn ? "on" : "off");
  if (isOn) play();
}

/** Asks the browser for leave. Resolves with whether it was given. */
export async function setDesktop(isOn) {
  localStorage.setItem(DESKTOP_KEY, isOn ? "on" : "off");
  if (!isOn || !globalThis.Notification) return false;
  if (Notification.permission === "default") await Notification.requestPermission();
  return Notification.permission === "granted";
}

/** Two soft notes, made here: there is no file to fetch. */
function play() {
  try {
    audio ??= new AudioContext();
    if (audio.state === "suspended") audio.resume();
    [[660, 0], [880, 0.09]].forEach(([frequency, delay]) => {
      const start = audio.currentTime + delay;
      const tone = audio.createOscillator();
      const volume = audio.createGain();
      tone.frequency.value = frequency;
      volume.gain.setValueAtTime(0.0001, start);
      volume.gain.exponentialRampToValueAtTime(0.12, start + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.25);
      tone.connect(volume).connect(audio.destination);
      tone.start(start);
      tone.stop(start + 0.3);
    });
  } catch {
    // A browser without sound: the message is on the screen.
  }
}

/** Tells of a message; `open` opens its room. */
export function signal(event, room, open) {
  const now = Date.now();
  if (wantsSound() && now - lastSound >= QUIET_MS) {
    lastSound = now;
    play();
  }
  if (!wantsDesktop() || !document.hidden) return;
  const shown = new Notification(room.direct ? event.from.name : `${event.from.name} · ${room.name}`, {
    body: summary(event), tag: room.id, icon: "favicon.svg", silent: true,
  });
  shown.onclick = () => {
    focus();
    open(room.id);
    shown.close();
  };
}
