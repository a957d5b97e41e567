// Modal windows on the native <dialog>: the page behind is inert, Tab stays inside, Esc closes.

import { h } from "./dom.js";

const FOCUSABLE = "a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled)";

/**
 * Open a dialog; `onCancel` runs for Esc and must close it.
 * @param {HTMLElement} content
 * @param {{label: string, kind: string, onCancel: () => void}} options
 * @returns {HTMLDialogElement}
 */
export function openDialog(content, { label, kind, onCancel }) {
  const dialog = /** @type {HTMLDialogElement} */ (h("dialog", { class: kind, "aria-label": label }, content));
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    onCancel();
  });
  dialog.addEventListener("keydown", (event) => wrapTab(dialog, event));
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** @param {HTMLDialogElement} dialog */
export function closeDialog(dialog) {
  dialog.close();
  dialog.remove();
}

/** @param {HTMLDialogElement} dialog @param {KeyboardEvent} event */
function wrapTab(dialog, event) {
  if (event.key !== "Tab") return;
  const stops = /** @type {NodeListOf<HTMLElement>} */ (dialog.querySelectorAll(FOCUSABLE));
  if (!stops.length) return;
  const [first, last] = [stops[0], stops[stops.length - 1]];
  if (event.shiftKey ? document.activeElement === first : document.activeElement === last) {
    event.preventDefault();
    (event.shiftKey ? last : first).focus();
  }
}

/** @typedef {{title: Node, text: Node, yes: string, no: string, danger: boolean, label: string}} Question */

/**
 * Ask before a harmful click, with the card's own words.
 * @param {Question} question
 * @returns {Promise<boolean>}
 */
export function ask(question) {
  return new Promise((resolve) => {
    const opener = /** @type {HTMLElement | null} */ (document.activeElement);
    const dialog = openQuestion(question, (answer) => {
      closeDialog(dialog);
      if (opener?.isConnected) opener.focus({ preventScroll: true });
      resolve(answer);
    });
  });
}

/**
 * @param {Question} question @param {(answer: boolean) => void} done must close the dialog
 * @returns {HTMLDialogElement}
 */
export function openQuestion({ title, text, yes, no, danger, label }, done) {
  const looks = { type: "button", class: danger ? "danger yes" : "primary yes", onclick: () => done(true) };
  const content = h(
    "div",
    { class: "sheet" },
    h("h2", null, title),
    h("div", { class: "sheet-body" }, text),
    h(
      "div",
      { class: "sheet-actions" },
      h("button", { type: "button", onclick: () => done(false) }, no),
      h("button", looks, yes),
    ),
  );
  return openDialog(content, { label, kind: "confirm", onCancel: () => done(false) });
}
