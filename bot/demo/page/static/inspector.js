// The inspector: every request between Relink and the outside, with its answer.

import { readTraffic } from "./api.js";
import { clockSeconds } from "./dates.js";
import { byId, h, reconcile } from "./dom.js";
import { store } from "./state.js";

/** @typedef {import("./api.js").Call} Call */

const KEPT = 200;
const SIDES = { slack: "Slack", portal: "Portal", alerts: "Alert source" };

/** @type {Call[]} the newest first */
let calls = [];
let last = 0;
let isReading = false;

/** Let the controls that stand in the page's HTML do what they say. */
export function startInspector() {
  byId("calls-of").addEventListener("change", paintCalls);
  byId("calls-clear").addEventListener("click", () => {
    calls = [];
    paintCalls();
  });
}

const isOpen = () => !byId("inspector").hidden;

/** Fetch what is new while the inspector is open; run after every change. */
export function paintInspector() {
  if (isOpen() && !isReading) void read();
}

async function read() {
  isReading = true;
  const fresh = await readTraffic(last);
  isReading = false;
  if (!fresh?.length) return;
  last = fresh[fresh.length - 1].id;
  calls = [...fresh.reverse(), ...calls].slice(0, KEPT);
  paintCalls();
}

function paintCalls() {
  const wanted = /** @type {HTMLSelectElement} */ (byId("calls-of")).value;
  const fits = (/** @type {Call} */ call) => !wanted || (wanted === "failed" ? !call.ok : call.side === wanted);
  const shown = calls.filter(fits);
  byId("calls-none").hidden = shown.length > 0;
  reconcile(byId("calls"), shown, (call) => String(call.id), callRow, { print: (call) => String(call.id) });
}

/** @param {Call} call */
function callRow(call) {
  const side = SIDES[call.side];
  const way = call.outward ? `Relink → ${side}` : `${side} → Relink`;
  const summary = h(
    "summary",
    null,
    h("span", { class: "call-name" }, call.name),
    h("span", { class: `badge ${call.ok ? "good" : "bad"}` }, call.status),
    h("span", { class: "soft call-way" }, `${clockSeconds(new Date(call.at))} · ${way}`),
  );
  const details = h("details", { class: "call" }, summary);
  // A card's JSON is long: it is written out when somebody wants to read it.
  details.addEventListener("toggle", () => details.childElementCount === 1 && details.append(bodyOf(call)), { once: true });
  return h("li", null, details);
}

/** @param {Call} call */
function bodyOf({ request, answer }) {
  return h(
    "div",
    { class: "call-body" },
    h("h4", null, "Request"),
    h("pre", { tabindex: "0" }, pretty(request)),
    h("h4", null, "Answer"),
    h("pre", { tabindex: "0" }, pretty(answer)),
  );
}

/** @param {unknown} value @returns {string} */
function pretty(value) {
  if (value === null || value === "" || (typeof value === "object" && !Object.keys(value).length)) return "(empty)";
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}
