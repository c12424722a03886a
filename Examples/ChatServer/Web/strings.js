// SPDX-License-Identifier: MIT

// What the page says. A pair is what is said of one, and of any other number. What only dialogs say is in
// strings-more.js.

export const en = {
  acceptInvitation: "Join", actions: "Actions", add: "Add", appName: "Chat", attachment: "Attachment",
  audio: "Audio", back: "Back", cancel: "Cancel", close: "Close", composerMuted: "You are muted in this room",
  composerMutedUntil: "You are muted until {time}",
  confirmDelete: "Delete this message? Everybody will see that it was deleted.",
  confirmLeave: "Leave {room}?", connected: "Connected", connecting: "Connecting…", copied: "Copied.",
  copy: "Copy text", createRoom: "New room", day: "1 day", declineInvitation: "Decline", delete: "Delete",
  deleted: "This message was deleted.", delivered: "Delivered", description: "Description",
  discard: "Discard", disconnected: "Disconnected", displayName: "Display name", draft: "Draft:",
  edit: "Edit", edited: "edited", editing: "Editing your message", email: "E-mail (optional)", emoji: "Emoji",
  emptyPeople: "Nobody is here yet.",
  emptyPins: "Nothing is pinned yet. Moderators pin messages that everybody should find.",
  emptyRoom: "This is the beginning of {room}.", emptyRoomHint: "Say hello!",
  emptyRooms: "You are in no room yet.", enterChat: "Enter", explore: "Explore rooms",
  fieldRequired: "This is needed.", guest: "Guest", guestHint: "No account needed: just choose a name.",
  guestName: "Your name", history: "Message history", image: "Picture",
  invited: "{name} invites you to {room}", invitePeople: "Invite people", invitations: "Invitations",
  join: "Join", joined: "Joined",
  joinHint: ["{n} person is in this room. Join to read and write.", "{n} people are in this room. Join to read and write."],
  jumpTo: "Show in conversation", jumpUnread: "Jump to the first unread message",
  keepName: "Keep this name for me in this browser", language: "Language", lastSeen: "last seen {time}",
  leave: "Leave room", login: "Sign in", loginName: "Username or e-mail",
  maxMembers: "Most members (0: no limit)", member: "Member", members: ["{n} member", "{n} members"],
  mention: "Mention", menu: "Room menu", message: "Message", messagePlaceholder: "Message {room}",
  messages: "Messages", mutedRoom: "Muted", newest: "Newest", newMessage: "{name}: {text}",
  newMessages: ["{n} new message", "{n} new messages"], noResults: "Nothing was found.",
  notConnected: "Not connected: try again in a moment.", noteBanned: "{name} was banned",
  noteChanged: "{name} changed the room", noteJoined: "{name} joined", noteKicked: "{name} was removed",
  noteLeft: "{name} left", noteMuted: "{name} was muted", notePinned: "{name} pinned a message",
  noteRenamed: "{name} renamed the room to {room}", noteRole: "{name} is now {role}",
  noteUnbanned: "{name} may come back", noteUnmuted: "{name} may write again",
  noteUnpinned: "{name} unpinned a message", offline: "Offline", online: "Online",
  onlineCount: "{online} online of {count}", owner: "Owner", admin: "Admin", moderator: "Moderator",
  password: "Password", pending: "Waiting to be sent", people: "People", pin: "Pin",
  pinned: "Pinned messages", private: "Private", profile: "Profile", react: "React",
  reactedBy: "{names} reacted with {emoji}", read: "Read", reconnectingIn: "Reconnecting in {n} s",
  register: "Create account", replied: "Reply to {name}", reply: "Reply",
  repliedEarlier: "an earlier message", repliedDeleted: "a deleted message", retry: "Try again",
  retryNow: "Try now", role: "Role", rooms: "Rooms", roomWasDeleted: "The room {room} was deleted.",
  search: "Search", searchMessages: "Search messages", searchRooms: "Search rooms", send: "Send",
  sent: "Sent", settings: "Settings", slowMode: "Slow mode: seconds between messages of one person (0: off)",
  someoneElseHasName: "Somebody else uses that name.", somebody: "somebody", status: "Status",
  statusAway: "Away", statusBusy: "Busy", statusOffline: "Offline", statusOnline: "Online", today: "Today",
  tooLong: "{n} characters too many", typing1: "{a} is typing", typing2: "{a} and {b} are typing",
  typing3: "{a}, {b} and 1 other are typing", typingMany: "{a}, {b} and {n} others are typing",
  unpin: "Unpin", unread: ["{n} unread", "{n} unread"], unreadDivider: "New", username: "Username",
  video: "Video", welcome: "Welcome", welcomeText: "Talk with everybody here, in one calm place.",
  yesterday: "Yesterday", you: "you", emailTaken: "Another account has this address.",
  wrongLogin: "The name or the password is wrong.",
  loginBlocked: "Too many attempts: try again in some minutes.", accountLocked: "This account is locked.",
  signInAgain: "Please sign in again.", youWereBanned: "You were banned from {room}.",
  youWereRemoved: "You were removed from {room}.",
  blockedMessage: "A message of somebody you blocked",
};

const KEY = "chat.language";
const tables = { en };
let current = "en";

export const LANGUAGES = [["en", "English"], ["id", "Bahasa Indonesia"]];

const isKnown = (tag) => LANGUAGES.some(([known]) => known === tag);

/** The one that was chosen, else the first of the browser's that there is. */
export function chosenLanguage(wanted = navigator.languages) {
  const kept = localStorage.getItem(KEY);
  return [kept, ...wanted.map((tag) => tag.split("-")[0])].find(isKnown) ?? "en";
}

export const language = () => current;

/** Speaks another language from now on; a choice of the user is remembered. */
export async function setLanguage(tag, isChoice) {
  if (!tables[tag]) tables[tag] = (await import(`./strings-${tag}.js`)).strings;
  current = tag;
  if (isChoice) localStorage.setItem(KEY, tag);
  document.documentElement.lang = tag;
}

/** A string in the present language; `{name}` is replaced by the value of that name. */
export function t(key, values = {}) {
  let text = tables[current][key] ?? key;
  if (Array.isArray(text)) text = text[values.n === 1 ? 0 : 1];
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}
