// SPDX-License-Identifier: MIT

// What is said in dialogs and panels only: fetched with the first of them.

import { en } from "./strings.js";

Object.assign(en, {
  ban: "Ban", banEnd: "Ban from this room?", bannedPeople: "Banned people", banReason: "Reason (optional)",
  confirmDeleteRoom: "Delete {room} with all of its messages? This cannot be undone.",
  confirmKick: "Remove {name} from this room?",
  confirmTransfer: "Hand {room} over to {name}? You will be an admin.", create: "Create",
  deleteRoom: "Delete room", emojiActivities: "Activities", emojiFood: "Food", emojiFrequent: "Often used",
  emojiHearts: "Hearts and symbols", emojiNature: "Animals and nature", emojiPeople: "Hands and people",
  emojiSmileys: "Smileys", emptySearch: "Find messages by their words.",
  exploreEmpty: "No other rooms to join.", exploreHint: "Public rooms that you can join",
  forever: "Until lifted", handOver: "Make owner", hour: "1 hour", invite: "Invite",
  invitedDone: "{name} was invited.", inviteHint: "Name of the person",
  inviteNobody: "Nobody of that name shares a room with you.", kick: "Remove", moderation: "Moderation",
  moreResults: "More results", mute: "Mute", muteRoom: "Mute notifications",
  notifications: "Desktop notifications", notificationsDenied: "Your browser does not allow them.",
  privateHint: "Only who is invited can join", public: "Public", publicHint: "Everybody can find and join it",
  readBy: "Read by", readByNobody: "Nobody has read it yet.", readAt: "read at {time}", results: "Results",
  roleOf: "Role of {name}", roomDescription: "What is it about? (optional)", roomName: "Room name",
  roomSettings: "Room settings", save: "Save", searchAll: "All rooms", searchEmoji: "Find an emoji",
  searchHere: "In this room", signOut: "Sign out", sound: "Sound", statusText: "What are you up to?",
  theme: "Appearance", themeDark: "Dark", themeLight: "Light", themeSystem: "Like the system",
  unban: "Lift ban", unmute: "Unmute", unmuteRoom: "Unmute notifications", until: "until {time}",
  untilHour: "For how long", yourStatus: "Your status",
  block: "Block",
  unblock: "Unblock",
  writeMessage: "Write a message",
  joinPrivate: "Join a private room by its password",
  links: "Links that let in whoever has them",
  newLink: "New link",
  revoke: "Withdraw",
  roomPassword: "New password of a private room (8 characters or more)",
});
