// What rises over the page: rings for this person, sentences when something was refused, words for screen readers.

import { byId, h, reconcile } from "./dom.js";
import { mrkdwn } from "./mrkdwn.js";
import { isGone, putAway } from "./reading.js";
import { channelOf, names, paint, store, threadOf } from "./state.js";

/** @typedef {import("./api.js").Ring} Ring */

const AT_ONCE = 2;
const NOTICE_MS = 8000;

/** @type {(channel: string, ts: string) => void} */
let goTo = () => {};

/** @param {(channel: string, ts: string) => void} open opens a message wherever it lies */
export const onRingOpened = (open) => void (goTo = open);

/** @param {Ring} ring */
function buildRing(ring) {
  const away = () => {
    putAway(ring.id);
    paint();
  };
  const channel = channelOf(ring.channel);
  const from = channel?.kind === "im" ? "Direct message" : `#${channel?.name ?? "channel"}`;
  return h(
    "li",
    { class: "ring" },
    h("div", { class: "ring-text" }, h("small", null, `Rings: ${from}`), h("p", null, ...mrkdwn(ring.text, names))),
    h(
      "div",
      { class: "ring-actions" },
      h("button", { type: "button", class: "primary", onclick: () => goTo(ring.channel, ring.ts) }, "Open"),
      h("button", { type: "button", onclick: away, "aria-label": "Later: put this ring away" }, "Later"),
    ),
  );
}

export function paintRings() {
  const open = (store.state?.toasts ?? []).filter((ring) => !isGone(ring.id));
  reconcile(byId("rings"), open.slice(-AT_ONCE), (ring) => String(ring.id), buildRing);
}

/**
 * Who opens the place of a ring has answered it. One that comes while the place is open still shows: it did ring.
 * @param {string} channel @param {string | null} thread
 */
export function answerRings(channel, thread) {
  const open = (store.state?.toasts ?? []).filter((ring) => ring.channel === channel && !isGone(ring.id));
  for (const { id, ts } of open) if (threadOf(channel, ts) === thread || ts === thread) putAway(id);
}

/** @param {string} sentence shown for a while and read out at once */
export function notice(sentence) {
  const row = h("p", { class: "notice" }, sentence);
  byId("notices").append(row);
  setTimeout(() => row.remove(), NOTICE_MS);
}

/** @param {string} words read out by screen readers, not shown */
export function announce(words) {
  byId("announcer").textContent = words;
}
