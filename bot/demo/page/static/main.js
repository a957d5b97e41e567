// Starts the page: who looks, what is painted in which order, and what makes it look again.

import { listen } from "./api.js";
import { tick } from "./dates.js";
import { byId } from "./dom.js";
import { onRingOpened, paintRings } from "./notices.js";
import { paintInspector, startInspector } from "./inspector.js";
import { paintClock, startPanel } from "./panel.js";
import { goTo, lookHome, openChannel, paintMain, paintThread } from "./panes.js";
import { paintPeople, paintRail } from "./rail.js";
import { noticeRestart } from "./reading.js";
import { HOME, onPaint, paint, refresh, refreshWorld, set, store } from "./state.js";
import { paintStations } from "./stations.js";
import { isPlaying, paintStories, startStories } from "./stories.js";
import { paintView } from "./view.js";

const WORLD_MS = 5000;
const PLAYING_MS = 350;
const PERSON = "relink-demo-person";

/** @type {EventSource | null} */
let line = null;

/** @param {string} user */
async function become(user) {
  line?.close();
  sessionStorage.setItem(PERSON, user);
  Object.assign(store, { user, thread: null, pane: "main" });
  await (store.channel === HOME ? lookHome() : refresh());
  line = listen(user, () => void refresh(), (isLost) => set({ isLost }));
}

async function lookAround() {
  if (document.visibilityState === "visible") await refreshWorld();
}

function paintLine() {
  byId("lost").hidden = !store.isLost;
}

/** Links to messages of this workspace open in the page. @param {Event} event @param {string} address */
function follow(event, address) {
  const found = /\/archives\/(\w+)\/p(\d{10})(\d{6})/.exec(address);
  if (!found) return;
  event.preventDefault();
  goTo(found[1], `${found[2]}.${found[3]}`);
}

/** @param {MouseEvent} event */
function followLink(event) {
  const link = /** @type {Element} */ (event.target).closest("a[href]");
  follow(event, link?.getAttribute("href") ?? "");
}

function closeThread() {
  const ts = store.thread;
  set({ thread: null, pane: "main" });
  /** @type {HTMLElement | null} */ (document.querySelector(`[data-focus="thread ${ts}"]`))?.focus();
}

function toggleControls() {
  set(store.pane === "controls" ? { pane: "main" } : { pane: "controls", thread: null });
}

async function start() {
  const painters = [noticeRestart, () => paintPeople(become), paintMain, paintThread, () => paintRail(openChannel)];
  const others = [paintClock, paintStations, paintRings, paintView, () => paintStories(become), paintInspector, paintLine];
  for (const painter of [...painters, ...others]) onPaint(painter);
  onRingOpened(goTo);
  startPanel();
  startStories();
  startInspector();
  byId("thread-close").addEventListener("click", closeThread);
  byId("leave-home").addEventListener("click", () => openChannel(store.state?.channels[0]?.id ?? ""));
  byId("controls-open").addEventListener("click", toggleControls);
  byId("controls-close").addEventListener("click", toggleControls);
  document.addEventListener("click", followLink);
  document.addEventListener("lead", (event) => follow(event, /** @type {CustomEvent<string>} */ (event).detail));
  document.addEventListener("visibilitychange", paint);
  document.addEventListener("keydown", (event) => {
    const isInThread = /** @type {Element} */ (event.target).closest("#thread");
    if (event.key === "Escape" && isInThread && !event.defaultPrevented) closeThread();
  });
  setInterval(() => (paintClock(), tick()), 1000);
  setInterval(() => isPlaying() || void lookAround(), WORLD_MS);
  setInterval(() => isPlaying() && void lookAround(), PLAYING_MS);
  // The clock first: what is painted before it is known would show wrong ages.
  await refreshWorld();
  const first = document.body.dataset.person ?? "";
  await become(sessionStorage.getItem(PERSON) ?? first);
  // Another demo was open in this tab before, with other people.
  if (!store.state) await become(first);
}

void start();
