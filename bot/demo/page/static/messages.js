// Messages of a channel or a thread: head, card or text, and the way into the thread.

import { click } from "./api.js";
import { showBlocks } from "./blocks.js";
import { clockTime, dayHeading, formatDate, timeElement, tsDate } from "./dates.js";
import { h, reconcile } from "./dom.js";
import { mrkdwn } from "./mrkdwn.js";
import { answerRings, notice } from "./notices.js";
import { isGone, putAway } from "./reading.js";
import { names, paint, people, refresh, store } from "./state.js";

/** @typedef {import("./api.js").Message} Message */
/** @typedef {import("./api.js").Ephemeral} Ephemeral */
/** @typedef {{day: string} | {message: Message} | {answer: Ephemeral}} Entry */
/** @typedef {{channel: string, inThread: boolean, openThread: (ts: string) => void}} Place */

/** @type {Map<string, string>} the last message there was when an answer first showed; it stays below that one */
const answeredAfter = new Map();

/**
 * A way to the double for the controls of a message or a view. Who acts on a message has answered its rings.
 * @param {string} place @param {{channel?: string, ts?: string, view_id?: string}} where @returns {import("./elements.js").Context}
 */
export function contextFor(place, where) {
  return {
    names,
    people,
    place,
    click: async (blockId, actionId, chosen) => {
      if (where.channel && where.ts) answerRings(where.channel, where.ts);
      const answer = await click({ user: store.user, ...where, block_id: blockId, action_id: actionId, ...chosen });
      if (!answer.ok) notice(answer.error ?? "That did not work.");
      await refresh();
    },
  };
}

/** @param {Message[]} messages @param {Ephemeral[]} answers @param {boolean} withDays @returns {Entry[]} */
function entriesOf(messages, answers, withDays) {
  const open = answers.filter((answer) => !isGone(answer.id));
  for (const { id } of open) if (!answeredAfter.has(id)) answeredAfter.set(id, messages.at(-1)?.ts ?? "");
  const below = (/** @type {string} */ ts) => open.filter(({ id }) => answeredAfter.get(id) === ts);
  /** @type {Entry[]} */
  const entries = below("").map((answer) => ({ answer }));
  let day = "";
  for (const message of messages) {
    const heading = dayHeading(tsDate(message.ts));
    if (withDays && heading !== day) entries.push({ day: (day = heading) });
    entries.push({ message }, ...below(message.ts).map((answer) => ({ answer })));
  }
  return entries;
}

/** @param {Entry} entry */
function entryKey(entry) {
  if ("day" in entry) return `day ${entry.day}`;
  return "message" in entry ? entry.message.ts : `only-you ${entry.answer.id}`;
}

/**
 * Bring `list` up to date.
 * @param {HTMLElement} list @param {Message[]} messages @param {Ephemeral[]} answers @param {Place} place
 */
export function showMessages(list, messages, answers, place) {
  const update = (/** @type {HTMLElement} */ element, /** @type {Entry} */ entry) => {
    if ("message" in entry) updateMessage(element, entry.message, place);
    if ("answer" in entry) updateAnswer(element, entry.answer, place);
  };
  reconcile(list, entriesOf(messages, answers, !place.inThread), entryKey, build, { update, print: () => "" });
}

/** @param {Entry} entry @returns {HTMLElement} the frame of an entry; `update` fills it */
function build(entry) {
  if ("day" in entry) return h("div", { class: "day" }, h("span", null, entry.day));
  if ("answer" in entry) return buildAnswer(entry.answer);
  const { message } = entry;
  const time = timeElement(Number(message.ts), "{time}", clockTime(tsDate(message.ts)));
  time.title = formatDate(Number(message.ts), "{date_long} {time_secs}", "");
  return h(
    "article",
    { class: "message", tabindex: "-1", data: { anchor: message.ts, ts: message.ts }, "aria-label": `${message.name}, ${time.textContent}` },
    avatar(message),
    h("div", { class: "head" }, h("strong", null, message.name), time, h("span", { class: "note" })),
    h("div", { class: "body" }),
    h("div", { class: "foot" }),
  );
}

/** @param {Message} message */
function avatar({ name, user }) {
  const letters = name.split(/\s+/).map((word) => word[0]).slice(0, 2).join("");
  const isPerson = store.state?.users.some((one) => one.id === user && !one.is_bot);
  const sum = [...user].reduce((soFar, letter) => soFar + letter.charCodeAt(0), 0);
  const tone = isPerson ? sum % 4 : "app";
  return h("div", { class: `avatar tone-${tone}`, "aria-hidden": "true" }, letters);
}

/** @param {HTMLElement} element @param {string} selector */
const part = (element, selector) => /** @type {HTMLElement} */ (element.querySelector(`:scope > ${selector}`));

/** @param {HTMLElement} element @param {Message} message @param {Place} place */
function updateMessage(element, message, place) {
  const blocks = message.blocks ?? [];
  const isReplyShownToAll = message.broadcast && !place.inThread;
  const note = isReplyShownToAll ? "from a thread" : message.edited && !blocks.length ? "edited" : "";
  part(element, ".head").lastElementChild?.replaceChildren(note);
  const where = { channel: place.channel, ts: message.ts };
  showBody(part(element, ".body"), message, contextFor(`${place.inThread ? "t" : "m"}${message.ts}`, where));
  if (!place.inThread) showFoot(part(element, ".foot"), message, place);
}

/**
 * @param {HTMLElement} body @param {{text: string, blocks?: any[] | null, files?: import("./api.js").SharedFile[]}} said
 * @param {import("./elements.js").Context} ctx
 */
function showBody(body, said, ctx) {
  const words = said.text ? [{ type: "section", text: { type: "mrkdwn", text: said.text } }] : [];
  const blocks = said.blocks?.length ? said.blocks : words;
  body.classList.toggle("card", blocks.length > 1);
  showBlocks(body, [...blocks, ...(said.files ?? []).map((file) => ({ type: "file", ...file }))], ctx);
}

/** @param {HTMLElement} foot @param {Message} message @param {Place} place */
function showFoot(foot, message, place) {
  const count = message.reply_count ?? 0;
  const parent = message.broadcast && message.thread_ts ? message.thread_ts : message.ts;
  const last = message.thread?.at(-1)?.ts;
  const words = count ? `${count} ${count === 1 ? "reply" : "replies"}` : message.broadcast ? "Open thread" : "Reply";
  reconcile(
    foot,
    [{ words, last, parent, isOpen: store.thread === parent }],
    () => "thread",
    (shown) =>
      h(
        "button",
        {
          type: "button",
          class: count ? "thread-link" : "thread-link quiet",
          "aria-expanded": String(shown.isOpen),
          data: { focus: `thread ${message.ts}` },
          onclick: () => place.openThread(shown.parent),
        },
        shown.words,
        shown.last && count ? h("span", { class: "last" }, "last ", timeElement(Number(shown.last), "{time}", "")) : null,
      ),
  );
}

/** @param {Ephemeral} answer */
function buildAnswer(answer) {
  const dismiss = () => {
    putAway(answer.id);
    paint();
  };
  return h(
    "article",
    { class: "message only-you", tabindex: "-1", data: { anchor: answer.id }, "aria-label": "Only visible to you" },
    h(
      "div",
      { class: "head" },
      h("span", { class: "note" }, "Only visible to you"),
      h("button", { type: "button", class: "link", onclick: dismiss, "aria-label": "Dismiss this answer" }, "Dismiss"),
    ),
    h("div", { class: "body" }),
  );
}

/** @param {HTMLElement} element @param {Ephemeral} answer @param {Place} place */
function updateAnswer(element, answer, place) {
  const where = { channel: place.channel, ts: answer.id };
  showBody(part(element, ".body"), answer, contextFor(`e${answer.id}`, where));
}

/** @param {string} text mrkdwn @returns {string} its words, for a screen reader */
export const spoken = (text) => mrkdwn(text, names).map((node) => node.textContent).join(" ");
