// The controls: the demo's clock, the tabs below it, and the way to a fresh world.

import { moveClock, resetDemo, readWorld } from "./api.js";
import { clockSeconds, clockTime, dayName, demoNow, minutesUntil, zoneName } from "./dates.js";
import { ask } from "./dialog.js";
import { byId } from "./dom.js";
import { announce, notice } from "./notices.js";
import { refresh, set, store } from "./state.js";

const MORNING = 7;
const WAIT_MS = 300;

/** Let the buttons that stand in the page's HTML do what they say. */
export function startPanel() {
  for (const button of document.querySelectorAll("[data-minutes]")) {
    const { minutes } = /** @type {HTMLElement} */ (button).dataset;
    button.addEventListener("click", () => void jump(Number(minutes)));
  }
  byId("to-morning").addEventListener("click", () => void jump(minutesUntil(MORNING)));
  byId("zone").textContent = zoneName;
  byId("reset").addEventListener("click", () => void reset());
  byId("to-stations").addEventListener("click", () => {
    showTab("tab-stations");
    set({ pane: "controls", thread: null });
    byId("tab-stations").focus();
  });
  for (const tab of tabs()) {
    tab.addEventListener("click", () => showTab(tab.id));
    tab.addEventListener("keydown", onTabKey);
  }
}

/** @returns {HTMLElement[]} */
const tabs = () => [...byId("controls").querySelectorAll("[role=tab]")].map((tab) => /** @type {HTMLElement} */ (tab));

/** @param {string} id */
export function showTab(id) {
  for (const tab of tabs()) {
    const isOpen = tab.id === id;
    tab.setAttribute("aria-selected", String(isOpen));
    tab.tabIndex = isOpen ? 0 : -1;
    byId(tab.getAttribute("aria-controls") ?? "").hidden = !isOpen;
  }
  set({ tab: id });
}

/** @param {KeyboardEvent} event */
function onTabKey(event) {
  const all = tabs();
  const at = all.indexOf(/** @type {HTMLElement} */ (event.target));
  const goal = {
    ArrowRight: (at + 1) % all.length,
    ArrowLeft: (at - 1 + all.length) % all.length,
    Home: 0,
    End: all.length - 1,
  }[event.key];
  if (goal === undefined) return;
  event.preventDefault();
  showTab(all[goal].id);
  all[goal].focus();
}

/** @param {number} minutes */
async function jump(minutes) {
  const buttons = byId("jumps");
  if (buttons.getAttribute("aria-busy") === "true") return;
  buttons.setAttribute("aria-busy", "true");
  const answer = await moveClock(minutes);
  buttons.removeAttribute("aria-busy");
  if (!answer.ok) notice(answer.error ?? "The clock could not be moved.");
  await refresh();
  if (answer.ok) announce(`The demo's clock shows ${clockTime(demoNow())}.`);
}

/** The demo's time, wherever the page shows it; call it every second. */
export function paintClock() {
  if (!store.world) return;
  const now = demoNow();
  byId("clock").textContent = clockSeconds(now);
  byId("clock-chip").textContent = clockTime(now);
  byId("clock-day").textContent = dayName(now);
}

async function reset() {
  const sure = await ask({
    title: new Text("Begin anew?"),
    text: new Text("Every message, incident and fault of this demo goes, and the clock shows the real time again."),
    yes: "Reset",
    no: "Keep it",
    danger: true,
    label: "Begin anew?",
  });
  if (!sure) return;
  const old = store.world?.life;
  const answer = await resetDemo();
  if (!answer.ok) return notice(answer.error ?? "That did not work.");
  notice("A fresh world is being made.");
  const look = setInterval(async () => {
    const world = await readWorld();
    if (!world || world.life === old) return;
    clearInterval(look);
    location.reload();
  }, WAIT_MS);
}
