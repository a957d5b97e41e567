// The control panel: the demo's clock and the simulated stations.

import { moveClock, setFault } from "./api.js";
import { clockSeconds, clockTime, demoNow, minutesUntil, timeElement } from "./dates.js";
import { byId, h, reconcile } from "./dom.js";
import { announce, notice } from "./notices.js";
import { refresh, store } from "./state.js";

/** @typedef {import("./api.js").Station} Station */

const MORNING = 7;

/** Let the buttons that stand in the page's HTML do what they say. */
export function startPanel() {
  for (const button of document.querySelectorAll("[data-minutes]")) {
    const { minutes } = /** @type {HTMLElement} */ (button).dataset;
    button.addEventListener("click", () => void jump(Number(minutes)));
  }
  byId("to-morning").addEventListener("click", () => void jump(minutesUntil(MORNING)));
  byId("zone").textContent = Intl.DateTimeFormat().resolvedOptions().timeZone;
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
  byId("clock-day").textContent = now.toLocaleDateString("en-GB", { weekday: "long", day: "numeric", month: "long" });
}

export function paintPanel() {
  paintClock();
  const stations = store.world?.stations ?? [];
  reconcile(byId("stations"), stations, (station) => station.serial, stationRow);
  const down = stations.filter((station) => station.online === false).length;
  byId("station-count").textContent = stations.length ? `${stations.length - down} of ${stations.length} online` : "";
}

/** @param {Station} station */
function stationRow(station) {
  const { serial, name, site, carrier, generation, fault, faults } = station;
  const origin = [name, site, carrier, generation ? `Gen ${generation}` : null].filter(Boolean).join(" · ");
  const controls = fault ? [mendButton(station)] : faults.map((one) => breakButton(serial, one));
  return h(
    "tr",
    { role: "row" },
    h("th", { role: "rowheader", scope: "row" }, serial, h("small", null, origin)),
    h("td", { role: "cell", class: "state" }, badge(station)),
    h("td", { role: "cell", class: "breakers" }, wrong(station), ...controls),
  );
}

/** @param {Station} station */
function badge({ online }) {
  const word = { true: "Online", false: "No contact" }[String(online)] ?? "Not known";
  const tone = { true: "good", false: "bad" }[String(online)] ?? "open";
  return h("span", { class: `badge ${tone}` }, word);
}

/** @param {Station} station what is wrong with it, and since when it is silent */
function wrong({ online, fault, last_communication: last }) {
  if (!fault && online !== false) return null;
  const unix = last ? Date.parse(last) / 1000 : NaN;
  const heard = online === false && last ? h("small", null, "Heard ", timeElement(unix, "{ago}", "")) : null;
  return h("span", { class: "wrong-words" }, fault ? sentenceCase(fault) : "Coming back", heard);
}

/** @param {string} words */
const sentenceCase = (words) => words[0].toUpperCase() + words.slice(1);

/** @param {string} serial @param {string} fault */
function breakButton(serial, fault) {
  const label = sentenceCase(fault);
  const looks = { type: "button", "aria-label": `${label}: break ${serial}`, data: { focus: `break ${serial} ${fault}` } };
  return h("button", { ...looks, onclick: () => void change(serial, fault) }, label);
}

/** @param {Station} station */
function mendButton({ serial }) {
  const looks = { type: "button", class: "primary", "aria-label": `Mend ${serial}`, data: { focus: `mend ${serial}` } };
  return h("button", { ...looks, onclick: () => void change(serial, null) }, "Mend");
}

/** @param {string} serial @param {string | null} fault */
async function change(serial, fault) {
  const answer = await setFault(serial, fault);
  if (answer.ok) announce(fault ? `${serial} has the fault ${fault}.` : `${serial} is mended.`);
  else notice(answer.error ?? "That did not work.");
  await refresh();
}
