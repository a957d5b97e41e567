// Small DOM helpers. Everything that shows data goes through `h`, which knows text nodes and attributes only.

/** @typedef {Node | string | null | undefined | false} Child */

/**
 * Build an element. `on...` are listeners, `data` fills the dataset, the rest are attributes; null and false are left out.
 * @param {string} tag
 * @param {Record<string, any> | null} [props]
 * @param {...(Child | Child[])} children
 * @returns {HTMLElement}
 */
export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "data") Object.assign(element.dataset, value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(.../** @type {(Node | string)[]} */ (children.flat().filter(isShown)));
  return element;
}

/** @param {Child} child */
function isShown(child) {
  return child !== null && child !== undefined && child !== false;
}

/**
 * The element with this id; it is in the page's HTML or the page is broken.
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no element "${id}"`);
  return element;
}

/** @type {WeakMap<Element, string>} what an element was built from */
const prints = new WeakMap();

/**
 * Make the children of `parent` show `items`, touching only what changed, so that focus, typed text and scroll stay.
 * An item whose `print` (its JSON, unless told otherwise) changed is built anew; `update` then sees every element.
 * @template T
 * @param {Element} parent
 * @param {T[]} items
 * @param {(item: T, index: number) => string} key
 * @param {(item: T) => HTMLElement} build
 * @param {{update?: (element: HTMLElement, item: T) => void, print?: (item: T) => string}} [how]
 */
export function reconcile(parent, items, key, build, { update, print: printOf = JSON.stringify } = {}) {
  const old = new Map([...parent.children].map((child) => [/** @type {HTMLElement} */ (child).dataset.key, child]));
  /** @type {Element | null} */
  let before = parent.firstElementChild;
  items.forEach((item, index) => {
    const name = key(item, index);
    const print = printOf(item);
    let element = /** @type {HTMLElement | undefined} */ (old.get(name));
    old.delete(name);
    if (!element || prints.get(element) !== print) {
      const fresh = build(item);
      fresh.dataset.key = name;
      prints.set(fresh, print);
      if (element) {
        if (before === element) before = element.nextElementSibling;
        element.replaceWith(fresh);
      } else parent.insertBefore(fresh, before);
      element = fresh;
    } else if (element === before) before = before.nextElementSibling;
    else parent.insertBefore(element, before);
    update?.(element, item);
  });
  for (const gone of old.values()) gone.remove();
}

/**
 * Run `change`; if the focused control was rebuilt meanwhile, focus its successor, else the nearest thing that is left.
 * Controls carry `data-focus`, what holds them `data-anchor`.
 * @param {() => void} change
 */
export function keepFocus(change) {
  const active = document.activeElement;
  const wanted = active?.closest("[data-focus]")?.getAttribute("data-focus");
  const anchors = [];
  for (let at = active?.closest("[data-anchor]"); at; at = at.parentElement?.closest("[data-anchor]")) {
    anchors.push(at.getAttribute("data-anchor"));
  }
  change();
  if (!active || active === document.body || active.isConnected) return;
  focusOn(wanted ?? null, anchors);
}

/**
 * @param {string | null} wanted the control's name
 * @param {(string | null)[]} anchors where it lay, innermost first
 */
export function focusOn(wanted, anchors) {
  const control = wanted && document.querySelector(`[data-focus="${CSS.escape(wanted)}"]`);
  const anchor = anchors
    .map((name) => name && document.querySelector(`[data-anchor="${CSS.escape(name)}"]`))
    .find(Boolean);
  const target = /** @type {HTMLElement | undefined} */ (control || anchor || undefined);
  target?.focus({ preventScroll: true });
}
