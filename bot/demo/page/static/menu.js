// The overflow menu. It hangs on the page, not on its card, so a card that changes underneath does not close it.

import { h } from "./dom.js";

/** @type {{list: HTMLElement, opener: HTMLElement, close: (refocus: boolean) => void} | null} */
let open = null;

/** Close the open menu, if there is one. @param {boolean} [refocus] */
export function closeMenu(refocus = false) {
  open?.close(refocus);
}

/**
 * @param {HTMLElement} opener
 * @param {{label: string, detail?: string, pick: () => void}[]} entries
 */
export function openMenu(opener, entries) {
  const wasMine = open?.opener === opener;
  closeMenu();
  if (wasMine) return;
  const items = entries.map(({ label, detail, pick }) =>
    h(
      "button",
      { type: "button", role: "menuitem", tabindex: "-1", onclick: () => (closeMenu(true), pick()) },
      label,
      detail ? h("small", null, detail) : null,
    ),
  );
  const list = h("div", { class: "menu", role: "menu", "aria-label": opener.getAttribute("aria-label") }, ...items);
  list.addEventListener("keydown", (event) => onKey(event, items));
  (opener.closest("dialog") ?? document.body).append(list);
  place(list, opener);
  opener.setAttribute("aria-expanded", "true");
  const outside = (/** @type {Event} */ event) => {
    const at = /** @type {Node} */ (event.target);
    if (!list.contains(at) && !opener.contains(at)) closeMenu();
  };
  const follow = () => place(list, opener);
  document.addEventListener("pointerdown", outside);
  addEventListener("resize", follow);
  addEventListener("scroll", follow, true);
  const close = (/** @type {boolean} */ refocus) => {
    document.removeEventListener("pointerdown", outside);
    removeEventListener("resize", follow);
    removeEventListener("scroll", follow, true);
    open = null;
    list.remove();
    opener.setAttribute("aria-expanded", "false");
    if (refocus) successor(opener)?.focus({ preventScroll: true });
  };
  open = { list, opener, close };
  items[0]?.focus({ preventScroll: true });
}

/** @param {HTMLElement} opener @returns {HTMLElement | null} the opener, or what took its place on a rebuilt card */
function successor(opener) {
  if (opener.isConnected) return opener;
  return document.querySelector(`[data-focus="${CSS.escape(opener.dataset.focus ?? "")}"]`);
}

/** @param {HTMLElement} list @param {HTMLElement} opener */
function place(list, opener) {
  const holder = successor(opener);
  if (!holder) return;
  const at = holder.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = list;
  const below = at.bottom + 4 + height <= innerHeight || at.top < height;
  list.style.left = `${Math.max(8, Math.min(at.left, innerWidth - width - 8))}px`;
  list.style.top = `${Math.max(8, below ? at.bottom + 4 : at.top - height - 4)}px`;
}

/** @param {KeyboardEvent} event @param {HTMLElement[]} items */
function onKey(event, items) {
  const at = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const goal = {
    ArrowDown: (at + 1) % items.length,
    ArrowUp: (at - 1 + items.length) % items.length,
    Home: 0,
    End: items.length - 1,
  }[event.key];
  if (goal !== undefined) items[goal].focus();
  else if (event.key === "Escape" || event.key === "Tab") closeMenu(true);
  else return;
  event.preventDefault();
  // Esc closes the menu only, not the modal it may lie in.
  event.stopPropagation();
}
