// What each person has seen: unread marks, rings put away, answers dismissed. Kept for this browser tab only.

import { store } from "./state.js";

/** @typedef {{read: Record<string, string>, gone: (string | number)[]}} Marks */

const KEY = "relink-demo";

/** @type {{seq: number, people: Record<string, Marks>}} */
let memory = load();

function load() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "") ?? { seq: 0, people: {} };
  } catch {
    return { seq: 0, people: {} };
  }
}

/** @returns {Marks} */
const mine = () => (memory.people[store.user] ??= { read: {}, gone: [] });

const save = () => sessionStorage.setItem(KEY, JSON.stringify(memory));

/** A demo that was started anew counts from the beginning: forget the old one. */
export function noticeRestart() {
  const seq = store.state?.seq ?? 0;
  if (seq < memory.seq) memory = { seq, people: {} };
  if (seq !== memory.seq) {
    memory.seq = seq;
    save();
  }
}

/** @param {import("./api.js").Channel} channel @returns {import("./api.js").Message[]} what others wrote since the last look */
export function unreadOf(channel) {
  const seen = mine().read[channel.id] ?? "";
  return channel.messages.filter((message) => message.ts > seen && message.user !== store.user);
}

/** @param {import("./api.js").Channel} channel */
export function markRead(channel) {
  const last = channel.messages.at(-1)?.ts;
  if (!last || last <= (mine().read[channel.id] ?? "")) return;
  mine().read[channel.id] = last;
  save();
}

/** @param {string | number} id a ring or an ephemeral answer */
export const isGone = (id) => mine().gone.includes(id);

/** @param {string | number} id */
export function putAway(id) {
  mine().gone.push(id);
  save();
}
