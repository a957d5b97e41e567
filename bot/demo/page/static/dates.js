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

/** The zone all times are shown in: the site's where the page is told of one, else the viewer's own. */
const zone = document.body.dataset.zone || undefined;
const calendar = new Intl.DateTimeFormat("en-GB", {
  timeZone: zone,
  year: "numeric",
  month: "numeric",
  day: "numeric",
  hour: "numeric",
  minute: "numeric",
  second: "numeric",
  hourCycle: "h23",
});

export const zoneName = calendar.resolvedOptions().timeZone;

/**
 * What calendar and clock show in the zone.
 * @param {Date} at
 * @returns {{year: number, month: number, day: number, hour: number, minute: number, second: number, weekday: number}}
 */
function shown(at) {
  /** @type {any} */
  const parts = Object.fromEntries(calendar.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  return { ...parts, weekday: new Date(Date.UTC(parts.year, parts.month - 1, parts.day)).getUTCDay() };
}

/** @param {Date} at @returns {number} what the zone shows, as if that were UTC, in milliseconds */
function wall(at) {
  const { year, month, day, hour, minute, second } = shown(at);
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** @param {Date} at @param {Date} now @returns {number} whole calendar days from `now` to `at` */
const dayDistance = (at, now) => Math.floor(wall(at) / DAY_MS) - Math.floor(wall(now) / DAY_MS);

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
export function clockTime(at) {
  const { hour, minute } = shown(at);
  return `${pad(hour)}:${pad(minute)}`;
}

/** @param {Date} at */
export const clockSeconds = (at) => `${clockTime(at)}:${pad(shown(at).second)}`;

/** @type {Record<string, (at: Date) => string>} */
const PLAIN = {
  date_num: (at) => `${shown(at).year}-${pad(shown(at).month)}-${pad(shown(at).day)}`,
  date_slash: (at) => `${pad(shown(at).month)}/${pad(shown(at).day)}/${shown(at).year}`,
  date: (at) => `${monthOf(at)} ${ordinal(shown(at).day)}, ${shown(at).year}`,
  date_short: (at) => `${monthOf(at).slice(0, 3)} ${shown(at).day}, ${shown(at).year}`,
  date_long: (at) => `${weekdayOf(at)}, ${monthOf(at)} ${ordinal(shown(at).day)}, ${shown(at).year}`,
  time: clockTime,
  time_secs: clockSeconds,
};

/** @param {Date} at */
const monthOf = (at) => MONTHS[shown(at).month - 1];

/** @param {Date} at */
const weekdayOf = (at) => DAYS[shown(at).weekday];

/** @param {Date} at @returns {string} "Tuesday, 24 November" */
export const dayName = (at) => `${weekdayOf(at)}, ${shown(at).day} ${monthOf(at)}`;

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
  return near ?? dayName(at);
}

/** @param {string} ts a message's `seconds.micros` @returns {Date} */
export const tsDate = (ts) => new Date(Number(ts) * 1000);

/** @param {number} hour @returns {number} whole minutes until it is that full hour next in the zone, at least 1 */
export function minutesUntil(hour) {
  const { hour: at, minute, second } = shown(demoNow());
  const left = hour * 60 - (at * 60 + minute + second / 60);
  return Math.max(1, Math.ceil(left > 0 ? left : left + 24 * 60));
}

/** @param {number} unix seconds @returns {string} the form a datetime-local input holds, in the zone */
export const localForm = (unix) => new Date(wall(new Date(unix * 1000))).toISOString().slice(0, 16);

/** @param {string} local the form a datetime-local input holds @returns {number} unix seconds */
export function unixForm(local) {
  const goal = Date.parse(`${local}Z`);
  // The zone may be another one at the first guess than at the right time.
  const guess = goal - (wall(new Date(goal)) - goal);
  return Math.floor((guess - (wall(new Date(guess)) - goal)) / 1000);
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
