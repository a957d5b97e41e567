// What can be pressed or chosen on a card: buttons, overflow menus, selects, date and time pickers.

import { ask } from "./dialog.js";
import { localForm, unixForm } from "./dates.js";
import { h } from "./dom.js";
import { openMenu } from "./menu.js";
import { mrkdwn, safeUrl, unescape } from "./mrkdwn.js";

/** @typedef {import("./api.js").Block} Block */
/**
 * Where a control lives: names for mentions, the people, a prefix that is stable over edits, and the way to the double.
 * @typedef {{names: import("./mrkdwn.js").Names, people: () => import("./api.js").User[], place: string, form?: import("./forms.js").Form,
 *   click: (blockId: string, actionId: string, chosen: object) => Promise<void>}} Context
 */

/**
 * A text object as nodes.
 * @param {Block | null | undefined} text @param {Context} ctx @returns {Node[]}
 */
export function textNodes(text, ctx) {
  if (!text) return [];
  if (text.type === "mrkdwn") return mrkdwn(text.text, ctx.names);
  return unescape(text.text)
    .split("\n")
    .flatMap((line, index) => (index ? [h("br", null), new Text(line)] : [new Text(line)]));
}

/** @param {Block | null | undefined} text @returns {string} a text object as plain words */
export const plain = (text) => unescape(text?.text ?? "");

/** @param {Block} confirm @param {Context} ctx @returns {import("./dialog.js").Question} */
export function questionOf(confirm, ctx) {
  const holder = (/** @type {Block} */ text) => h("span", null, ...textNodes(text, ctx));
  return {
    title: holder(confirm.title),
    text: holder(confirm.text),
    yes: plain(confirm.confirm) || "Yes",
    no: plain(confirm.deny) || "Cancel",
    danger: confirm.style === "danger",
    label: plain(confirm.title),
  };
}

/**
 * Is this the address of a message of this workspace? The page shows it then, as Slack's client does.
 * @param {string} url
 */
const leadsHere = (url) => !document.dispatchEvent(new CustomEvent("lead", { detail: url, cancelable: true }));

/**
 * Ask first where the element wants that, then tell the double; the control is quiet meanwhile.
 * @param {Block} element @param {Context} ctx @param {HTMLElement} control @param {object} chosen
 * @returns {Promise<boolean>} false when the person changed their mind
 */
async function press(element, ctx, control, chosen) {
  if (control.getAttribute("aria-busy") === "true") return false;
  if (element.confirm && !(await ask(questionOf(element.confirm, ctx)))) return false;
  const url = element.url && safeUrl(element.url);
  if (url && !leadsHere(url)) window.open(url, "_blank", "noopener,noreferrer");
  control.setAttribute("aria-busy", "true");
  const blockId = /** @type {HTMLElement | null} */ (control.closest("[data-block]"))?.dataset.block ?? "";
  await ctx.click(blockId, element.action_id, chosen);
  control.removeAttribute("aria-busy");
  return true;
}

/** @param {Block} element @param {Context} ctx @returns {Record<string, any>} what every control carries */
const common = (element, ctx) => ({ data: { focus: `${ctx.place}/${element.action_id}`, action: element.action_id } });

/** @param {Block} element @param {Context} ctx */
function button(element, ctx) {
  const label = element.accessibility_label ?? null;
  const title = element.url && !/\/archives\//.test(element.url) ? "Opens in a new tab" : null;
  const looks = { type: "button", class: element.style ?? null, title, "aria-label": label, ...common(element, ctx) };
  const control = h("button", looks, plain(element.text));
  control.addEventListener("click", () => void press(element, ctx, control, { value: element.value }));
  return control;
}

/** @param {Block} element @param {Context} ctx */
function overflow(element, ctx) {
  const looks = { type: "button", class: "overflow", "aria-label": "More actions", "aria-haspopup": "menu" };
  const control = h("button", { ...looks, "aria-expanded": "false", ...common(element, ctx) }, "⋯");
  const entries = element.options.map((/** @type {Block} */ option) => ({
    label: plain(option.text),
    detail: plain(option.description),
    pick: () => void press(element, ctx, control, { option: option.value }),
  }));
  control.addEventListener("click", () => openMenu(control, entries));
  return control;
}

/**
 * The options of a select, groups included.
 * @param {Block} element @returns {HTMLElement[]}
 */
export function optionNodes(element) {
  const one = (/** @type {Block} */ option) => h("option", { value: option.value }, plain(option.text));
  const groups = (element.option_groups ?? []).map((/** @type {Block} */ group) =>
    h("optgroup", { label: plain(group.label) }, ...group.options.map(one)),
  );
  return [...(element.options ?? []).map(one), ...groups];
}

/** @param {Context} ctx @returns {Block[]} everybody, as options of a menu */
export const peopleOptions = (ctx) =>
  ctx.people().map(({ id, name }) => ({ value: id, text: { type: "plain_text", text: name } }));

/** @param {Block} element @param {Context} ctx */
function usersSelect(element, ctx) {
  const options = peopleOptions(ctx);
  return staticSelect({ ...element, options, initial_option: { value: element.initial_user ?? "" } }, ctx);
}

/** @param {Block} element @param {Context} ctx */
function staticSelect(element, ctx) {
  const placeholder = plain(element.placeholder) || "Choose";
  const none = h("option", { value: "", disabled: true }, placeholder);
  const looks = { "aria-label": placeholder, ...common(element, ctx) };
  const control = /** @type {HTMLSelectElement} */ (h("select", looks, none, ...optionNodes(element)));
  const initial = element.initial_option?.value ?? "";
  control.value = initial;
  control.addEventListener("change", async () => {
    if (!(await press(element, ctx, control, { option: control.value }))) control.value = initial;
  });
  return control;
}

const PICKED = { date: "Date", time: "Time", "datetime-local": "Date and time" };

/** @param {keyof typeof PICKED} type @param {string} initial */
const picker = (type, initial) => (/** @type {Block} */ element, /** @type {Context} */ ctx) => {
  const isMoment = type === "datetime-local";
  const given = element[initial] ?? "";
  const value = isMoment && given ? localForm(given) : given;
  const looks = { type, value, "aria-label": plain(element.placeholder) || PICKED[type], ...common(element, ctx) };
  const control = /** @type {HTMLInputElement} */ (h("input", looks));
  control.addEventListener("change", async () => {
    if (!control.value) return;
    const picked = isMoment ? unixForm(control.value) : control.value;
    if (!(await press(element, ctx, control, { option: picked }))) control.value = value;
  });
  return control;
};

/** @param {Block} element */
export const image = (element) =>
  h("img", { src: element.image_url, alt: element.alt_text ?? "", loading: "lazy" });

/** @type {Record<string, (element: Block, ctx: Context) => HTMLElement>} */
const KINDS = {
  button,
  overflow,
  static_select: staticSelect,
  users_select: usersSelect,
  datepicker: picker("date", "initial_date"),
  timepicker: picker("time", "initial_time"),
  datetimepicker: picker("datetime-local", "initial_date_time"),
  image,
};

/** @param {Block} element @param {Context} ctx @returns {HTMLElement} */
export function renderElement(element, ctx) {
  const kind = KINDS[element.type];
  return kind ? kind(element, ctx) : h("span", { class: "unknown" }, `(${element.type} is not shown here)`);
}
