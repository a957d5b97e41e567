// Times in the viewer's own zone, measured against the demo's clock. The 24 hour form, as the cards use it.

const MONTHS = "January February March April May June July August September October November December".split(" ");
const DAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");
const DAY_MS = 86_400_000;
const relative = new Intl.RelativeTimeFormat("en", { numeric: "always" });

let offset = 0;

/**
 * Take over the demo's clock.
 * @param {string} iso
 */
export function setClock(iso) {
  const told = Date.parse(iso);
  if (!Number.isNaN(told)) offset = told - Date.now();
}

/** @returns {Date} the demo's present moment */
export const demoNow = () => new Date(Date.now() + offset);

/** @param {number} value @param {number} [width] */
const pad = (value, width = 2) => String(value).padStart(width, "0");

/** @param {number} day */
function ordinal(day) {
  if (day % 100 >= 11 && day % 100 <= 13) return `${day}th`;
  return `${day}${["th", "st", "nd", "rd"][day % 10] ?? "th"}`;
}

/** @param {Date} at @param {Date} now @returns {number} whole calendar days from `now` to `at` */
function dayDistance(at, now) {
  const midnight = (/** @type {Date} */ day) => Date.UTC(day.getFullYear(), day.getMonth(), day.getDate());
  return Math.round((midnight(at) - midnight(now)) / DAY_MS);
}

/** @param {Date} at @param {Date} now @returns {string} "12 minutes ago", "in 3 minutes", "just now" */
export function ago(at, now) {
  const seconds = Math.round((at.getTime() - now.getTime()) / 1000);
  const size = Math.abs(seconds);
  if (size < 5) return "just now";
  if (size < 60) return relative.format(seconds, "second");
  if (size < 3600) return relative.format(Math.trunc(seconds / 60), "minute");
  if (size < 86_400) return relative.format(Math.trunc(seconds / 3600), "hour");
  return relative.format(Math.trunc(seconds / 86_400), "day");
}

/** @param {Date} at */
export const clockTime = (at) => `${pad(at.getHours())}:${pad(at.getMinutes())}`;

/** @param {Date} at */
export const clockSeconds = (at) => `${clockTime(at)}:${pad(at.getSeconds())}`;

/** @type {Record<string, (at: Date) => string>} */
const PLAIN = {
  date_num: (at) => `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`,
  date_slash: (at) => `${pad(at.getMonth() + 1)}/${pad(at.getDate())}/${at.getFullYear()}`,
  date: (at) => `${MONTHS[at.getMonth()]} ${ordinal(at.getDate())}, ${at.getFullYear()}`,
  date_short: (at) => `${MONTHS[at.getMonth()].slice(0, 3)} ${at.getDate()}, ${at.getFullYear()}`,
  date_long: (at) => `${DAYS[at.getDay()]}, ${MONTHS[at.getMonth()]} ${ordinal(at.getDate())}, ${at.getFullYear()}`,
  time: clockTime,
  time_secs: clockSeconds,
};

/** @param {string} token @param {Date} at @param {Date} now @returns {string | null} */
function fill(token, at, now) {
  if (token === "ago") return ago(at, now);
  if (token.endsWith("_pretty")) {
    const near = { "-1": "yesterday", 0: "today", 1: "tomorrow" }[dayDistance(at, now)];
    return near ?? PLAIN[token.slice(0, -"_pretty".length)]?.(at) ?? null;
  }
  return PLAIN[token]?.(at) ?? null;
}

/**
 * @param {number} unix seconds
 * @param {string} format with tokens like {date_short_pretty} {time}
 * @param {string} fallback shown when the time or a token is not understood
 * @param {Date} [now]
 * @returns {string}
 */
export function formatDate(unix, format, fallback, now = demoNow()) {
  const at = new Date(unix * 1000);
  if (Number.isNaN(at.getTime())) return fallback;
  let understood = true;
  const text = format.replace(/\{(\w+)\}/g, (_, token) => {
    const part = fill(token, at, now);
    understood &&= part !== null;
    return part ?? "";
  });
  return understood ? text : fallback;
}

/** @param {Date} at @param {Date} [now] @returns {string} the heading of a day of messages */
export function dayHeading(at, now = demoNow()) {
  const near = { "-1": "Yesterday", 0: "Today" }[dayDistance(at, now)];
  return near ?? `${DAYS[at.getDay()]}, ${at.getDate()} ${MONTHS[at.getMonth()]}`;
}

/** @param {string} ts a message's `seconds.micros` @returns {Date} */
export const tsDate = (ts) => new Date(Number(ts) * 1000);

/** @param {number} hour @returns {number} whole minutes until it is that full hour next, at least 1 */
export function minutesUntil(hour) {
  const now = demoNow();
  const goal = new Date(now);
  goal.setHours(hour, 0, 0, 0);
  if (goal <= now) goal.setDate(goal.getDate() + 1);
  return Math.max(1, Math.ceil((goal.getTime() - now.getTime()) / 60_000));
}

/**
 * A `<time>` whose words follow the demo's clock.
 * @param {number} unix @param {string} format @param {string} fallback
 * @returns {HTMLElement}
 */
export function timeElement(unix, format, fallback) {
  const element = document.createElement("time");
  element.dataset.unix = String(unix);
  element.dataset.format = format;
  element.dataset.fallback = fallback;
  element.textContent = formatDate(unix, format, fallback);
  return element;
}

/** Bring every `<time>` on the page up to date. */
export function tick() {
  for (const element of document.querySelectorAll("time[data-unix]")) {
    const { unix, format, fallback } = /** @type {HTMLElement} */ (element).dataset;
    const text = formatDate(Number(unix), format ?? "", fallback ?? "");
    if (element.textContent !== text) element.textContent = text;
  }
}
