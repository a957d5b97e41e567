// The simulated world: portal, carriers and stations, to be broken and mended.

import { setFault, setOutage, setPortal, setSession } from "./api.js";
import { timeElement } from "./dates.js";
import { byId, h, reconcile } from "./dom.js";
import { openMenu } from "./menu.js";
import { announce, notice } from "./notices.js";
import { refresh, store } from "./state.js";

/** @typedef {import("./api.js").Station} Station */
/** @typedef {import("./api.js").Outage} Outage */

const SESSION = "session running";

/** @param {string} fault @returns {{expects: string, mended: string}} what the page's HTML says of it */
function wordsOf(fault) {
  const place = byId("faults").querySelector(`[data-fault="${CSS.escape(fault)}"]`);
  return {
    expects: place?.querySelector("dd")?.textContent ?? "",
    mended: /** @type {HTMLElement | null} */ (place)?.dataset.mended ?? "Mend",
  };
}

/** @param {string} words */
const sentenceCase = (words) => words[0].toUpperCase() + words.slice(1);

/** @param {Promise<import("./api.js").Answer>} sent @param {string} done what screen readers hear then */
async function change(sent, done) {
  const answer = await sent;
  if (answer.ok) announce(done);
  else notice(answer.error ?? "That did not work.");
  await refresh();
}

export function paintStations() {
  const { stations = [], outages = [], portal } = store.world ?? {};
  const down = stations.filter((station) => station.online === false).length;
  byId("station-count").textContent = down ? `${down} down` : "";
  const isReachable = portal?.reachable ?? true;
  reconcile(byId("portal"), [isReachable], () => "portal", portalSwitch);
  reconcile(byId("outages"), outages, ({ area, carrier }) => `${area} ${carrier}`, outageSwitch);
  const wide = [...(isReachable ? [] : ["portal unreachable"]), ...(outages.some((one) => one.down) ? ["carrier outage"] : [])];
  const words = wide.map((fault) => wordsOf(fault).expects).join(" ");
  if (byId("wide-words").textContent !== words) byId("wide-words").textContent = words;
  reconcile(byId("stations"), stations, (station) => station.serial, stationRow);
}

/** @param {string} focus @param {boolean} isFine @param {string[]} words what it is and how it stands @param {() => void} flip */
function toggle(focus, isFine, [label, state], flip) {
  const looks = { type: "button", class: "toggle", "aria-pressed": String(!isFine), data: { focus }, onclick: flip };
  return h("button", looks, h("span", null, label), h("small", null, state));
}

/** @param {boolean} isReachable */
function portalSwitch(isReachable) {
  const done = isReachable ? "The portal does not answer any more." : "The portal answers again.";
  const flip = () => void change(setPortal(!isReachable), done);
  const words = ["Portal unreachable", isReachable ? "It answers now." : "It does not answer now."];
  return toggle("portal", isReachable, words, flip);
}

/** @param {Outage} outage */
function outageSwitch({ area, carrier, stations, down }) {
  const done = down ? `${carrier} is back in ${area}.` : `${carrier} is gone in ${area}.`;
  const flip = () => void change(setOutage(area, carrier, !down), done);
  const words = [`${carrier}, ${area}`, `${stations} stations ${down ? "silent" : "fine"}`];
  return toggle(`outage ${area} ${carrier}`, !down, words, flip);
}

/** @param {Station} station */
function stationRow(station) {
  const { serial, name, site, carrier, generation, fault, online } = station;
  const origin = [name, site, carrier, generation ? `Gen ${generation}` : null].filter(Boolean).join(" · ");
  const isComingBack = !fault && online === false;
  return h(
    "tr",
    { role: "row" },
    h("th", { role: "rowheader", scope: "row" }, h("span", { class: "serial" }, serial), h("small", null, origin)),
    h("td", { role: "cell", class: "state" }, badge(station)),
    h(
      "td",
      { role: "cell", class: "breakers" },
      fault || isComingBack ? trouble(station) : null,
      station.charging ? charging(station) : null,
      fault ? mendButton(station) : null,
      breakButton(station),
    ),
  );
}

/** @param {Station} station */
function badge({ online }) {
  const word = { true: "Online", false: "No contact" }[String(online)] ?? "Not known";
  const tone = { true: "good", false: "bad" }[String(online)] ?? "open";
  return h("span", { class: `badge ${tone}` }, word);
}

/** @param {Station} station what is wrong with it, since when it is silent, and what should come of it */
function trouble({ fault, online, last_communication: last }) {
  const unix = last ? Date.parse(last) / 1000 : NaN;
  const heard = online === false && last ? h("span", { class: "soft" }, " · heard ", timeElement(unix, "{ago}", "")) : null;
  const words = fault ? wordsOf(fault).expects : "Its restart takes 90 seconds.";
  return h("p", { class: "trouble" }, h("strong", null, fault ? sentenceCase(fault) : "Coming back"), heard, h("small", null, words));
}

/** @param {Station} station */
function charging({ serial }) {
  const { mended, expects } = wordsOf(SESSION);
  const leave = () => void change(setSession(serial, false), `The car at ${serial} is gone.`);
  const looks = { type: "button", "aria-label": `${mended}: end the session at ${serial}`, data: { focus: `session ${serial}` } };
  return h(
    "div",
    { class: "charging" },
    h("p", { class: "trouble" }, h("strong", null, "A car is charging"), h("small", null, expects)),
    h("button", { ...looks, onclick: leave }, mended),
  );
}

/** @param {Station} station */
function breakButton({ serial, fault, faults, charging: isCharging }) {
  const looks = { type: "button", class: "break", "aria-haspopup": "menu", "aria-expanded": "false" };
  const button = h("button", { ...looks, "aria-label": `Break ${serial}`, data: { focus: `break ${serial}` } }, "Break");
  const offered = faults.filter((one) => one !== fault && !(one === SESSION && isCharging));
  const entries = offered.map((one) => ({
    label: sentenceCase(one),
    detail: wordsOf(one).expects,
    pick: () => void change(setFault(serial, one), `${serial} has the fault ${one}.`),
  }));
  button.addEventListener("click", () => openMenu(button, entries));
  return button;
}

/** @param {Station} station */
function mendButton({ serial, fault }) {
  const label = wordsOf(fault ?? "").mended;
  const looks = { type: "button", class: "primary", "aria-label": `${label}: Mend ${serial}`, data: { focus: `mend ${serial}` } };
  return h("button", { ...looks, onclick: () => void change(setFault(serial, null), `${serial} is mended.`) }, label);
}
