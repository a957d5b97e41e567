// The inputs of a modal. A Form keeps what was typed, so that an updated view or a refused submit loses nothing.

import { localForm, unixForm } from "./dates.js";
import { h } from "./dom.js";
import { optionNodes, peopleOptions, plain } from "./elements.js";

/** @typedef {import("./api.js").Block} Block */
/** @typedef {import("./elements.js").Context} Context */
/** @typedef {string | number | {option: string | string[]} | null} Value an option goes by its value */
/** @typedef {{element: Block, block: Block, read: () => Value, put: (sent: any) => void, check: () => string}} Field */

export class Form {
  /** @type {Map<string, Field>} */
  fields = new Map();
  /** @type {Map<string, any>} what was typed, as the control holds it */
  typed = new Map();

  /** @returns {Record<string, Record<string, Value>>} the values as the double wants them */
  values() {
    /** @type {Record<string, Record<string, Value>>} */
    const values = {};
    for (const { block, element, read } of this.fields.values()) {
      (values[block.block_id] ??= {})[element.action_id] = read();
    }
    return values;
  }

  /** @param {Record<string, Record<string, Value>>} values as `values` gives them; fill the fields in before eyes */
  put(values) {
    for (const { block, element, put } of this.fields.values()) {
      const sent = values[block.block_id]?.[element.action_id];
      if (sent !== undefined && sent !== null) put(typeof sent === "object" ? sent.option : sent);
    }
  }

  /** @param {string[]} blockIds the blocks the view has now */
  keepOnly(blockIds) {
    for (const [name, { block }] of this.fields) if (!blockIds.includes(block.block_id)) this.fields.delete(name);
  }

  /** @returns {Record<string, string>} what the person can mend before sending, by block */
  problems() {
    /** @type {Record<string, string>} */
    const problems = {};
    for (const { block, read, check } of this.fields.values()) {
      const sentence = isEmpty(read()) && !block.optional ? "Please fill this in." : check();
      if (sentence) problems[block.block_id] = sentence;
    }
    return problems;
  }
}

/** @param {Value} value */
const isEmpty = (value) => !value || (typeof value === "object" && !value.option.length);

/**
 * @typedef {{control: HTMLElement, isGroup: boolean, read: () => Value, put: (sent: any) => void, check?: () => string}} Built
 * @typedef {{id: string, describedby: string, typed: any, keep: (value: any) => void, ctx: Context, label: string}} Slot
 */

/** @param {string} type @param {string} initial @param {(text: string) => string | number} [send] @param {(sent: any) => string} [show] */
const textual =
  (type, initial, send = String, show = String) =>
  /** @param {Block} element @param {Slot} slot @returns {Built} */
  (element, slot) => {
    const tag = element.multiline ? "textarea" : "input";
    const control = /** @type {HTMLInputElement} */ (h(tag, { ...labels(slot), ...shape(type, element) }));
    const given = element[initial];
    control.value = slot.typed ?? (given === undefined || given === null ? "" : show(given));
    control.addEventListener("input", () => slot.keep(control.value));
    const read = () => (control.value.trim() ? send(control.value) : "");
    const put = (/** @type {any} */ sent) => slot.keep((control.value = show(sent)));
    return { control, isGroup: false, read, put, check: () => textProblem(element, control) };
  };

/** @param {string} type @param {Block} element */
function shape(type, element) {
  const words = { placeholder: plain(element.placeholder) || null };
  if (type === "number") {
    return { ...words, type: "text", inputmode: element.is_decimal_allowed ? "decimal" : "numeric" };
  }
  return element.multiline ? { ...words, rows: "4" } : { ...words, type };
}

/** @param {Block} element @param {HTMLInputElement} control @returns {string} */
function textProblem(element, control) {
  const text = control.value.trim();
  if (control.validity.badInput) return "Please fill this in completely.";
  if (!text) return "";
  if (element.type === "number_input") return numberProblem(element, text);
  if (element.min_length && text.length < element.min_length) return `At least ${element.min_length} characters, please.`;
  if (element.max_length && text.length > element.max_length) return `At most ${element.max_length} characters, please.`;
  return "";
}

/** @param {Block} element @param {string} text @returns {string} */
function numberProblem(element, text) {
  const form = element.is_decimal_allowed ? /^-?\d+(\.\d+)?$/ : /^-?\d+$/;
  if (!form.test(text)) return element.is_decimal_allowed ? "Please enter a number." : "Please enter a whole number.";
  const { min_value: least, max_value: most } = element;
  if (least !== undefined && least !== null && Number(text) < Number(least)) return `At least ${least}, please.`;
  if (most !== undefined && most !== null && Number(text) > Number(most)) return `At most ${most}, please.`;
  return "";
}

/** @param {Slot} slot */
const labels = (slot) => ({ id: slot.id, "aria-describedby": slot.describedby, data: { focus: slot.id } });

/** @param {Block} element @returns {Block[]} its options, groups laid flat */
const allOptions = (element) =>
  element.options ?? element.option_groups.flatMap((/** @type {Block} */ group) => group.options);

/** @param {Block} element @param {Slot} slot @returns {Built} */
function select(element, slot) {
  const initial = element.initial_option?.value ?? "";
  // As in Slack, a choice that was given cannot be taken back to none.
  const none = initial ? null : h("option", { value: "" }, plain(element.placeholder) || "Choose");
  const control = /** @type {HTMLSelectElement} */ (h("select", labels(slot), none, ...optionNodes(element)));
  control.value = slot.typed ?? initial;
  control.addEventListener("change", () => slot.keep(control.value));
  const put = (/** @type {string} */ sent) => slot.keep((control.value = sent));
  return { control, isGroup: false, read: () => (control.value ? { option: control.value } : null), put };
}

/** @param {Block} element @param {Slot} slot @returns {Built} a menu of the people */
function person(element, slot) {
  const initial = element.initial_user;
  const options = peopleOptions(slot.ctx);
  const given = options.find((/** @type {Block} */ option) => option.value === initial);
  return select({ ...element, options, initial_option: given }, slot);
}

/** @param {"radio" | "checkbox"} type */
const choices = (type) => (/** @type {Block} */ element, /** @type {Slot} */ slot) => {
  const initial = type === "radio" ? [element.initial_option] : (element.initial_options ?? []);
  const picked = new Set(slot.typed ?? initial.filter(Boolean).map((/** @type {Block} */ option) => option.value));
  const boxes = element.options.map((/** @type {Block} */ option, /** @type {number} */ index) => {
    const id = `${slot.id}-${index}`;
    const looks = { type, id, name: slot.id, value: option.value, checked: picked.has(option.value) };
    const box = /** @type {HTMLInputElement} */ (h("input", { ...looks, data: { focus: id } }));
    return { box, option };
  });
  const pickedNow = () => boxes.filter(({ box }) => box.checked).map(({ option }) => option.value);
  const rows = boxes.map(({ box, option }) => {
    const detail = option.description ? h("small", null, plain(option.description)) : null;
    return h("label", { class: "choice" }, box, h("span", null, plain(option.text), detail));
  });
  const role = type === "radio" ? "radiogroup" : "group";
  const looks = { role, class: "choices", "aria-labelledby": slot.label, "aria-describedby": slot.describedby };
  const control = h("div", looks, ...rows);
  control.addEventListener("change", () => slot.keep(pickedNow()));
  const read = () => {
    const values = pickedNow();
    if (type === "checkbox") return { option: values };
    return values.length ? { option: values[0] } : null;
  };
  const put = (/** @type {any} */ sent) => {
    for (const { box, option } of boxes) box.checked = [sent].flat().includes(option.value);
    slot.keep(pickedNow());
  };
  return { control, isGroup: true, read, put };
};

/** @param {Block} element @param {Slot} slot @returns {Built} several people */
function persons(element, slot) {
  const options = peopleOptions(slot.ctx);
  const initial = options.filter((/** @type {Block} */ option) => element.initial_users?.includes(option.value));
  return choices("checkbox")({ ...element, options, initial_options: initial }, slot);
}

/** @type {Record<string, (element: Block, slot: Slot) => Built>} */
const KINDS = {
  plain_text_input: textual("text", "initial_value"),
  number_input: textual("number", "initial_value"),
  datepicker: textual("date", "initial_date"),
  timepicker: textual("time", "initial_time"),
  datetimepicker: textual("datetime-local", "initial_date_time", unixForm, localForm),
  static_select: select,
  multi_static_select: (element, slot) => choices("checkbox")({ ...element, options: allOptions(element) }, slot),
  users_select: person,
  multi_users_select: persons,
  radio_buttons: choices("radio"),
  checkboxes: choices("checkbox"),
};

/** @param {Block} block @param {Context} ctx @returns {HTMLElement} an input block with its label, hint and place for an error */
export function renderInput(block, ctx) {
  const { element } = block;
  const kind = KINDS[element.type];
  if (!kind || !ctx.form) return h("p", { class: "unknown" }, `(${element.type} is not shown here)`);
  const { form } = ctx;
  const name = `${block.block_id} ${element.action_id}`;
  const id = `field-${block.block_id}-${element.action_id}`;
  const slot = {
    id,
    label: `${id}-label`,
    describedby: `${id}-hint ${id}-error`,
    typed: form.typed.get(name),
    keep: (/** @type {any} */ value) => void form.typed.set(name, value),
    ctx,
  };
  const built = kind(element, slot);
  form.fields.set(name, { block, element, read: built.read, put: built.put, check: built.check ?? (() => "") });
  const words = [plain(block.label), block.optional ? h("span", { class: "optional" }, " (optional)") : null];
  const label = h(built.isGroup ? "div" : "label", { class: "label", id: slot.label, for: built.isGroup ? null : id }, ...words);
  const hint = h("p", { class: "hint", id: `${id}-hint` }, plain(block.hint));
  const error = h("p", { class: "error", id: `${id}-error`, data: { error: block.block_id } });
  return h("div", { class: "field" }, label, built.control, hint, error);
}
