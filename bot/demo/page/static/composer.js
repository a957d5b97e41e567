// The field to write in. Drafts stay with their channel or thread.

import { send } from "./api.js";
import { h, reconcile } from "./dom.js";
import { refresh, store } from "./state.js";

/** @typedef {{channel: string, thread: string | null, label: string, withCommand: boolean}} Target */

/** @type {Map<string, string>} */
const drafts = new Map();

/**
 * @param {HTMLElement} holder an empty form
 * @param {string} name tells the composers of the page apart
 * @returns {(target: Target) => void} point the composer at a place; call it on every paint
 */
export function createComposer(holder, name) {
  const field = /** @type {HTMLTextAreaElement} */ (h("textarea", { rows: "1", data: { focus: `write ${name}` } }));
  const hints = h("div", { class: "hints" });
  const error = h("p", { class: "error", role: "alert" });
  const button = h("button", { type: "submit", class: "primary" }, "Send");
  const slash = h("button", { type: "button", class: "slash", data: { focus: `slash ${name}` } }, "/");
  holder.append(hints, h("div", { class: "write" }, slash, field, button), error);
  /** @type {Target | null} */
  let target = null;
  const key = () => `${store.user} ${target?.channel} ${target?.thread ?? ""}`;
  let shownKey = "";

  const typed = () => {
    drafts.set(key(), field.value);
    error.textContent = "";
    grow(field);
    showHints(hints, field, Boolean(target?.withCommand));
  };
  const submit = async () => {
    const text = field.value.trim();
    if (!text || !target || button.getAttribute("aria-busy") === "true") return;
    button.setAttribute("aria-busy", "true");
    const sentFrom = key();
    const thread = target.thread ? { thread_ts: target.thread } : {};
    const answer = await send({ user: store.user, channel: target.channel, text, ...thread });
    button.removeAttribute("aria-busy");
    if (answer.ok) {
      drafts.delete(sentFrom);
      if (sentFrom === key()) field.value = "";
      typed();
      await refresh();
    } else error.textContent = answer.error ?? "That could not be sent.";
  };
  slash.addEventListener("click", () => write(field, `${commandName()} `));
  field.addEventListener("input", typed);
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    void submit();
  });
  holder.addEventListener("submit", (event) => {
    event.preventDefault();
    void submit();
  });
  return (next) => {
    target = next;
    field.setAttribute("aria-label", next.label);
    field.placeholder = next.label;
    slash.hidden = !next.withCommand;
    slash.setAttribute("aria-label", `Write ${commandName()}`);
    if (key() === shownKey) return;
    shownKey = key();
    field.value = drafts.get(shownKey) ?? "";
    error.textContent = "";
    grow(field);
    showHints(hints, field, next.withCommand);
  };
}

/** @param {HTMLTextAreaElement} field */
function grow(field) {
  field.style.height = "auto";
  field.style.height = `${Math.min(field.scrollHeight + 2, 160)}px`;
}

const commandName = () => store.state?.command ?? "/charger";

/** @param {HTMLTextAreaElement} field @param {string} text */
function write(field, text) {
  field.value = text;
  field.dispatchEvent(new Event("input"));
  field.focus();
}

/**
 * What can be said with the slash command; a person who writes a plain message sees none of it.
 * @param {HTMLElement} holder @param {HTMLTextAreaElement} field @param {boolean} withCommand
 */
function showHints(holder, field, withCommand) {
  const stations = store.world?.stations ?? [];
  const serial = (stations.find((one) => one.fault) ?? stations[0])?.serial ?? "SERIAL";
  const all = [`${commandName()} help`, `${commandName()} status ${serial}`];
  const fits = (/** @type {string} */ hint) => hint.startsWith(field.value) && hint !== field.value;
  const hints = withCommand && field.value.startsWith("/") ? all.filter(fits) : [];
  const chip = (/** @type {string} */ hint) => {
    const looks = { type: "button", class: "chip", data: { focus: `hint ${hint}` } };
    return h("button", { ...looks, onclick: () => write(field, hint) }, hint);
  };
  reconcile(holder, hints, (hint) => hint, chip);
}
