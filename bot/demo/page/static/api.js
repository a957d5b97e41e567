// The HTTP calls of the demo: what the Slack double answers, and the world around it (clock, stations).

/**
 * @typedef {{ok: boolean, error?: string}} Answer
 * @typedef {{id: string, name: string, is_bot?: boolean}} User
 * @typedef {Record<string, any>} Block
 * @typedef {{id: string, name: string, title: string, alt: string, size: number, is_image: boolean, url: string}} SharedFile
 * @typedef {{ts: string, user: string, name: string, text: string, blocks?: Block[] | null, thread_ts?: string | null,
 *   reply_count?: number, edited?: any, broadcast?: boolean, thread?: Message[], files?: SharedFile[]}} Message
 * @typedef {{id: string, text: string, blocks?: Block[] | null, thread_ts?: string | null}} Ephemeral
 * @typedef {{id: string, name: string, kind: "channel" | "im", messages: Message[], ephemerals: Ephemeral[]}} Channel
 * @typedef {{id: number, text: string, channel: string, ts: string}} Ring
 * @typedef {{seq: number, me: any, command: string, users: User[], groups?: User[], channels: Channel[],
 *   view: any, view_errors?: Record<string, string>, home: any, toasts: Ring[]}} SlackState
 * @typedef {{serial: string, name: string, site: string, area: string, carrier: string, generation: number,
 *   online: boolean | null, last_communication: string | null, fault: string | null, charging: boolean,
 *   faults: string[]}} Station
 * @typedef {{area: string, carrier: string, stations: number, down: boolean}} Outage
 * @typedef {{story: string, serial: string, at: number, says: string, ended: "" | "done" | "stopped" | "stuck",
 *   trouble: string | null, who: string | null, pointing: {channel: string, ts: string, label: string, asks: boolean} | null,
 *   typing: {view: string, values: any} | null, looking: {channel: string, ts: string} | null,
 *   thread: string | null, changed: string | null}} Play
 * @typedef {{life: string, clock: string, stations: Station[], outages: Outage[], portal: {reachable: boolean},
 *   play: Play | null}} World
 * @typedef {{id: number, at: string, side: "slack" | "portal" | "alerts", outward: boolean, name: string, ok: boolean,
 *   status: string, request: unknown, answer: unknown}} Call
 */

const SILENT = "The demo does not answer. Is it still running?";

/**
 * @param {string} path
 * @returns {Promise<any>} the JSON, or null when there is no usable answer
 */
async function get(path) {
  try {
    const response = await fetch(path, { headers: { Accept: "application/json" } });
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

/**
 * @param {string} path
 * @param {object} body
 * @returns {Promise<Answer>} never throws; a failed call is an answer with a sentence
 */
async function post(path, body) {
  try {
    const response = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    return await response.json();
  } catch {
    return { ok: false, error: SILENT };
  }
}

/** @param {string} user @returns {Promise<SlackState | null>} */
export const readState = (user) => get(`/demo/state?user=${encodeURIComponent(user)}`);

/** @returns {Promise<World | null>} */
export const readWorld = () => get("/demo/world");

/** @param {object} body */
export const click = (body) => post("/demo/click", body);

/** @param {object} body */
export const submit = (body) => post("/demo/submit", body);

/** @param {object} body */
export const close = (body) => post("/demo/close", body);

/** @param {object} body */
export const send = (body) => post("/demo/send", body);

/** The person opens the app's Home tab. @param {string} user */
export const openHome = (user) => post("/demo/home", { user });

/** @param {number} minutes */
export const moveClock = (minutes) => post("/demo/clock", { minutes });

/** @param {string} serial @param {string | null} fault */
export const setFault = (serial, fault) => post(`/demo/stations/${encodeURIComponent(serial)}/fault`, { fault });

/** @param {string} serial @param {boolean} running */
export const setSession = (serial, running) => post(`/demo/stations/${encodeURIComponent(serial)}/session`, { running });

/** @param {string} area @param {string} carrier @param {boolean} down */
export const setOutage = (area, carrier, down) => post("/demo/outages", { area, carrier, down });

/** @param {boolean} reachable */
export const setPortal = (reachable) => post("/demo/portal", { reachable });

/** @param {string} story */
export const playStory = (story) => post("/demo/play", { story });

export const stopStory = () => post("/demo/stop", {});

export const resetDemo = () => post("/demo/reset", {});

/** @param {number} after @returns {Promise<Call[] | null>} the calls after this number, oldest first */
export const readTraffic = async (after) => (await get(`/demo/traffic?after=${after}`))?.calls ?? null;

/**
 * Listen for changes; `lost` is told when the line breaks and when it is back.
 * @param {string} user
 * @param {() => void} changed
 * @param {(isLost: boolean) => void} lost
 * @returns {EventSource}
 */
export function listen(user, changed, lost) {
  const source = new EventSource(`/demo/events?user=${encodeURIComponent(user)}`);
  source.addEventListener("changed", changed);
  source.addEventListener("open", () => {
    lost(false);
    changed();
  });
  source.addEventListener("error", () => lost(true));
  return source;
}
