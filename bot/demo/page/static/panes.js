// The middle (a channel or Home) and the thread beside it: what is shown, where it is scrolled to, what is new.

import { openHome } from "./api.js";
import { createComposer } from "./composer.js";
import { byId } from "./dom.js";
import { showMessages, spoken } from "./messages.js";
import { announce, answerRings, notice } from "./notices.js";
import { isGone, markRead } from "./reading.js";
import { createScroll } from "./scroll.js";
import { HOME, channelOf, messageOf, refresh, set, store, threadOf } from "./state.js";
import { paintHome } from "./view.js";

/** @typedef {import("./api.js").Message} Message */

const writeHere = createComposer(byId("composer"), "here");
const writeInThread = createComposer(byId("thread-composer"), "thread");
const scrollMain = createScroll(byId("scroller"));
const scrollThread = createScroll(byId("thread-scroller"));

/** @type {{place: string, last: string}} */
let heard = { place: "", last: "" };

/**
 * Read out what others wrote since the last paint of the same place.
 * @param {string} place @param {Message[]} messages
 */
function hear(place, messages) {
  const last = messages.reduce((newest, { ts }) => (ts > newest ? ts : newest), "");
  const fresh = messages.filter(({ ts, user }) => ts > heard.last && user !== store.user);
  if (heard.place === place && heard.last && fresh.length) {
    announce(fresh.map(({ name, text }) => `${name}: ${spoken(text)}`).join(" "));
  }
  heard = { place, last };
}

export function paintMain() {
  const isHome = store.channel === HOME;
  byId("home").hidden = !isHome;
  byId("composer").hidden = isHome;
  byId("messages").hidden = isHome;
  byId("no-home").hidden = !isHome || Boolean(store.state?.home);
  const channel = channelOf(store.channel);
  const sign = channel?.kind === "channel" ? "# " : "";
  byId("place").textContent = isHome ? "Home" : sign + (channel?.name ?? "");
  if (isHome) {
    byId("empty").hidden = true;
    return scrollMain(`${store.user} ${HOME}`, paintHome, true);
  }
  if (!channel) return;
  const answers = channel.ephemerals.filter((answer) => !answer.thread_ts);
  byId("welcome").hidden = channel.kind !== "channel";
  byId("nothing").hidden = channel.kind === "channel";
  byId("empty").hidden = channel.messages.length + answers.filter(({ id }) => !isGone(id)).length > 0;
  const place = { channel: channel.id, inThread: false, openThread };
  scrollMain(`${store.user} ${channel.id}`, () =>
    showMessages(byId("messages"), channel.messages, answers, place),
  );
  writeHere({ channel: channel.id, thread: null, label: `Message ${sign.trim()}${channel.name}`, withCommand: true });
  hear(`${store.user} ${channel.id} ${store.thread}`, [...channel.messages, ...(openParent()?.thread ?? [])]);
  if (document.visibilityState === "visible") markRead(channel);
}

const openParent = () => (store.thread ? messageOf(store.channel, store.thread) : undefined);

export function paintThread() {
  const parent = openParent();
  const panel = byId("thread");
  panel.hidden = !parent;
  byId("controls").hidden = Boolean(parent);
  document.body.dataset.pane = store.pane === "thread" && !parent ? "main" : store.pane;
  const channel = channelOf(store.channel);
  if (!parent || !channel) return;
  byId("thread-place").textContent = channel.kind === "channel" ? `# ${channel.name}` : channel.name;
  const replies = (parent.thread ?? []).filter((reply) => reply.ts !== parent.ts);
  const answers = channel.ephemerals.filter((answer) => answer.thread_ts === parent.ts);
  const place = { channel: channel.id, inThread: true, openThread };
  scrollThread(`${store.user} ${channel.id} ${parent.ts}`, () =>
    showMessages(byId("replies"), [parent, ...replies], answers, place),
  );
  writeInThread({ channel: channel.id, thread: parent.ts, label: "Reply in this thread", withCommand: false });
}

/** @param {string} ts */
export function openThread(ts) {
  answerRings(store.channel, ts);
  set({ thread: ts, pane: "thread" });
  byId("thread-title").focus();
}

/** @param {string} channel */
export function openChannel(channel) {
  answerRings(channel, null);
  set({ channel, thread: null, pane: "main" });
  if (channel === HOME) void lookHome();
}

/** Tell the app that its Home is open, as Slack does each time: it may want to publish it anew. */
export async function lookHome() {
  const answer = await openHome(store.user);
  if (!answer.ok) notice(answer.error ?? "Home could not be opened.");
  await refresh();
}

/**
 * Open a message wherever it lies and show where it is.
 * @param {string} channel @param {string} ts
 */
export function goTo(channel, ts) {
  if (!channelOf(channel)) return;
  const thread = threadOf(channel, ts);
  answerRings(channel, thread);
  set({ channel, thread, pane: thread ? "thread" : "main" });
  const holder = byId(thread ? "replies" : "messages");
  const message = /** @type {HTMLElement | null} */ (holder.querySelector(`[data-ts="${CSS.escape(ts)}"]`));
  // Of what is higher than the room, the beginning.
  const isTall = (message?.offsetHeight ?? 0) > (holder.parentElement?.clientHeight ?? 0);
  message?.scrollIntoView({ block: isTall ? "start" : "center" });
  message?.focus({ preventScroll: true });
}
