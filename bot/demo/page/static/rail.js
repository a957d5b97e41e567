// The person switch on top and the list of channels and direct messages.

import { byId, h, reconcile } from "./dom.js";
import { unreadOf } from "./reading.js";
import { HOME, people, store } from "./state.js";

/** @typedef {{id: string, label: string, count: number, isOpen: boolean}} Row */

/** @param {(user: string) => void} choose */
export function paintPeople(choose) {
  reconcile(
    byId("people"),
    people().map(({ id, name }) => ({ id, name, isMe: id === store.user })),
    ({ id }) => id,
    ({ id, name, isMe }) => {
      const looks = { type: "radio", name: "person", value: id, checked: isMe, data: { focus: `person ${id}` } };
      return h("label", null, h("input", { ...looks, onchange: () => choose(id) }), h("span", null, name));
    },
  );
}

/** @param {(channel: string) => void} open @returns {(row: Row) => HTMLElement} */
const rowButton = (open) => (row) =>
  h(
    "li",
    null,
    h(
      "button",
      {
        type: "button",
        class: row.count ? "unread" : null,
        "aria-current": row.isOpen ? "page" : null,
        data: { focus: `rail ${row.id}` },
        onclick: () => open(row.id),
      },
      h("span", { class: "place" }, row.label),
      row.count ? h("span", { class: "count" }, String(row.count), h("span", { class: "hidden" }, " unread")) : null,
    ),
  );

/** @param {(channel: string) => void} open */
export function paintRail(open) {
  const { state } = store;
  if (!state) return;
  const rows = (/** @type {string} */ kind, /** @type {string} */ sign) =>
    state.channels
      .filter((channel) => channel.kind === kind)
      .map((channel) => ({
        id: channel.id,
        label: sign + channel.name,
        count: unreadOf(channel).length,
        isOpen: channel.id === store.channel,
      }));
  const home = { id: HOME, label: "Home", count: 0, isOpen: store.channel === HOME };
  reconcile(byId("channels"), rows("channel", "# "), (row) => row.id, rowButton(open));
  reconcile(byId("directs"), rows("im", ""), (row) => row.id, rowButton(open));
  reconcile(byId("apps"), [home], (row) => row.id, rowButton(open));
}
