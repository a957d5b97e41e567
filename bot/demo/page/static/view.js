// The open modal of the chosen person, and the Home tab.

import { close, submit } from "./api.js";
import { showBlocks } from "./blocks.js";
import { closeDialog, openDialog } from "./dialog.js";
import { byId, focusOn, h } from "./dom.js";
import { plain } from "./elements.js";
import { Form } from "./forms.js";
import { closeMenu } from "./menu.js";
import { contextFor } from "./messages.js";
import { refresh, store } from "./state.js";

/** @typedef {{id: string, dialog: HTMLDialogElement, title: HTMLElement, body: HTMLElement, problem: HTMLElement,
 *   send: HTMLButtonElement, cancel: HTMLElement, form: Form, problems: Record<string, string> | null,
 *   opener: {wanted: string | null, anchors: (string | null)[]}}} Shown */

/** @type {Shown | null} */
let shown = null;

/** @type {Map<string, Form>} what was typed into views that lie below another one */
const forms = new Map();

export function paintView() {
  const view = store.state?.view ?? null;
  if (shown && shown.id !== view?.id) putAway(shown);
  if (!view) return forms.clear();
  const isNew = !shown;
  shown ??= build(view);
  update(shown, view);
  if (isNew) firstControl(shown.body)?.focus();
}

/** @param {HTMLElement} body @returns {HTMLElement | null} */
const firstControl = (body) => body.querySelector("input, textarea, select, button");

/** @param {Shown} gone */
function putAway(gone) {
  closeMenu();
  closeDialog(gone.dialog);
  shown = null;
  focusOn(gone.opener.wanted, gone.opener.anchors);
}

/** @param {any} view @returns {Shown} */
function build(view) {
  const active = /** @type {HTMLElement | null} */ (document.activeElement);
  const anchor = active?.closest("[data-anchor]")?.getAttribute("data-anchor") ?? null;
  const title = h("h2", { id: "view-title" });
  const body = h("div", { class: "sheet-body" });
  const problem = h("p", { class: "error", role: "alert" });
  const send = /** @type {HTMLButtonElement} */ (h("button", { type: "submit", class: "primary", data: { focus: "view send" } }));
  const cancel = h("button", { type: "button", onclick: () => void leave() });
  const sheet = h("form", { class: "sheet", novalidate: true }, title, body, problem, h("div", { class: "sheet-actions" }, cancel, send));
  sheet.addEventListener("submit", (event) => {
    event.preventDefault();
    void trySubmit();
  });
  const form = forms.get(view.id) ?? new Form();
  forms.set(view.id, form);
  const dialog = openDialog(sheet, { label: plain(view.title), kind: "view", onCancel: () => void leave() });
  const opener = { wanted: active?.dataset.focus ?? null, anchors: [anchor] };
  return { id: view.id, dialog, title, body, problem, send, cancel, form, problems: null, opener };
}

/** @param {Shown} now @param {any} view */
function update(now, view) {
  now.dialog.setAttribute("aria-label", plain(view.title));
  now.title.textContent = plain(view.title);
  now.send.hidden = !view.submit;
  now.send.textContent = plain(view.submit) || "Submit";
  now.cancel.textContent = plain(view.close) || (view.submit ? "Cancel" : "Close");
  showBlocks(now.body, view.blocks, { ...contextFor(view.id, { view_id: view.id }), form: now.form });
  now.form.keepOnly(view.blocks.map((/** @type {any} */ block) => block.block_id));
  showProblems(now, now.problems ?? store.state?.view_errors ?? {});
}

/** @param {Shown} now @param {Record<string, string>} problems sentences by block; those of no field stand at the end */
function showProblems(now, problems) {
  const rest = new Map(Object.entries(problems));
  for (const place of now.body.querySelectorAll("[data-error]")) {
    const name = /** @type {HTMLElement} */ (place).dataset.error ?? "";
    const sentence = rest.get(name) ?? "";
    rest.delete(name);
    if (place.textContent !== sentence) place.textContent = sentence;
    const field = place.closest(".field");
    field?.classList.toggle("wrong", Boolean(sentence));
    for (const control of field?.querySelectorAll("input, select, textarea") ?? []) {
      control.setAttribute("aria-invalid", String(Boolean(sentence)));
    }
  }
  const words = [...rest.values()].join(" ");
  if (now.problem.textContent !== words) now.problem.textContent = words;
}

async function trySubmit() {
  const now = shown;
  if (!now || now.send.getAttribute("aria-busy") === "true") return;
  const problems = now.form.problems();
  if (Object.keys(problems).length) {
    now.problems = problems;
    showProblems(now, problems);
    focusFirstWrong(now);
    return;
  }
  now.send.setAttribute("aria-busy", "true");
  const answer = await submit({ user: store.user, view_id: now.id, values: now.form.values() });
  now.send.removeAttribute("aria-busy");
  now.problems = null;
  await refresh();
  if (shown !== now) return;
  const told = store.state?.view_errors ?? {};
  if (!answer.ok && !Object.keys(told).length) now.problem.textContent = answer.error ?? "That did not work.";
  focusFirstWrong(now);
}

/** @param {Shown} now */
function focusFirstWrong(now) {
  /** @type {HTMLElement | null} */ (now.body.querySelector(".wrong :is(input, select, textarea)"))?.focus();
}

async function leave() {
  if (!shown) return;
  const answer = await close({ user: store.user, view_id: shown.id });
  if (!answer.ok && shown) shown.problem.textContent = answer.error ?? "That did not work.";
  await refresh();
}

/**
 * Fill the open form in before the viewer's eyes, once.
 * @param {string} viewId @param {any} values
 */
export function typeInto(viewId, values) {
  if (shown?.id !== viewId || shown.dialog.dataset.typed) return;
  shown.dialog.dataset.typed = "yes";
  shown.form.put(values);
}

/** @returns {HTMLElement | null} the button that sends the open form */
export const sendButton = () => shown?.send ?? null;

/** Show the Home tab in the middle. */
export function paintHome() {
  const { home } = store.state ?? {};
  const holder = byId("home");
  holder.hidden = !home;
  const ctx = home && { ...contextFor(home.id, { view_id: home.id }), form: new Form() };
  showBlocks(holder, home?.blocks ?? [], ctx);
}
