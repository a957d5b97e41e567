// What the page knows: the person, the place that is open, the double's state and the world around it.

import { readState, readWorld } from "./api.js";
import { setClock, tick } from "./dates.js";
import { keepFocus } from "./dom.js";

/** @typedef {import("./api.js").Message} Message */
/** @typedef {import("./api.js").Channel} Channel */

export const HOME = "@home";

export const store = {
  user: "",
  channel: "",
  /** @type {string | null} the ts of the open thread */
  thread: null,
  /** @type {"main" | "thread" | "controls"} what a phone shows; wide screens show all three */
  pane: "main",
  /** @type {import("./api.js").SlackState | null} */
  state: null,
  /** @type {import("./api.js").World | null} */
  world: null,
  isLost: false,
  /** the open tab of the controls */
  tab: "tab-stories",
};

/** @type {(() => void)[]} */
const painters = [];

/** @param {() => void} painter run after every change, in the order given; must be harmless when nothing changed */
export const onPaint = (painter) => void painters.push(painter);

export function paint() {
  keepFocus(() => painters.forEach((painter) => painter()));
}

/** @param {Partial<typeof store>} change */
export function set(change) {
  Object.assign(store, change);
  paint();
}

/**
 * Let one call run at a time; calls that come meanwhile share one more run.
 * @param {() => Promise<void>} work @returns {() => Promise<void>}
 */
function oneAtATime(work) {
  /** @type {Promise<void> | null} */
  let running = null;
  /** @type {Promise<void> | null} */
  let next = null;
  const start = () => {
    running = work().finally(() => (running = null));
    return running;
  };
  return () => {
    if (!running) return start();
    next ??= running.then(() => {
      next = null;
      return start();
    });
    return next;
  };
}

export const refreshState = oneAtATime(async () => {
  const { user } = store;
  const state = await readState(user);
  if (!state || user !== store.user) return;
  store.state = state;
  if (!channelOf(store.channel) && store.channel !== HOME) store.channel = state.channels[0]?.id ?? "";
  if (store.thread && !messageOf(store.channel, store.thread)) store.thread = null;
  paint();
});

export const refreshWorld = oneAtATime(async () => {
  const world = await readWorld();
  if (!world) return;
  store.world = world;
  setClock(world.clock);
  paint();
  tick();
});

export const refresh = async () => void (await Promise.all([refreshState(), refreshWorld()]));

/** @param {string} id @returns {Channel | undefined} */
export const channelOf = (id) => store.state?.channels.find((channel) => channel.id === id);

/** @param {string} channel @param {string} ts @returns {Message | undefined} a top-level message */
export const messageOf = (channel, ts) => channelOf(channel)?.messages.find((message) => message.ts === ts);

/**
 * The thread a reply lies in.
 * @param {string} channel @param {string} ts @returns {string | null} the parent's ts, or null for a top-level message
 */
export function threadOf(channel, ts) {
  const parent = channelOf(channel)?.messages.find((one) => one.thread?.some((reply) => reply.ts === ts && ts !== one.ts));
  return parent?.ts ?? null;
}

/** @param {{id: string, name: string}[] | undefined} list @param {string} id */
const nameIn = (list, id) => list?.find((one) => one.id === id)?.name ?? null;

/** @param {string} id the app is no person, but its messages carry its name */
function authorName(id) {
  const messages = store.state?.channels.flatMap((channel) => channel.messages) ?? [];
  return messages.find((message) => message.user === id)?.name ?? null;
}

/** @returns {import("./api.js").User[]} the people, without the app */
export const people = () => (store.state?.users ?? []).filter((user) => !user.is_bot);

/** @type {import("./mrkdwn.js").Names} */
export const names = {
  user: (id) => nameIn(store.state?.users, id) ?? authorName(id),
  group: (id) => nameIn(store.state?.groups, id),
  channel: (id) => nameIn(store.state?.channels, id),
};
