// A rich_text block: sections, lists, preformatted text and quotes.

import { timeElement } from "./dates.js";
import { h } from "./dom.js";
import { link, mention } from "./mrkdwn.js";

/** @typedef {import("./api.js").Block} Block */
/** @typedef {import("./mrkdwn.js").Names} Names */

const STYLES = { bold: "strong", italic: "em", strike: "s", underline: "u", code: "code" };

/** @param {Block} block @param {Names} names @returns {HTMLElement} */
export function richText(block, names) {
  return h("div", { class: "rich" }, ...block.elements.map((/** @type {Block} */ part) => container(part, names)));
}

/** @param {Block} part @param {Names} names @returns {Node} */
function container(part, names) {
  const inner = () => part.elements.map((/** @type {Block} */ element) => leaf(element, names));
  switch (part.type) {
    case "rich_text_section":
      return h("div", null, ...withBreaks(inner()));
    case "rich_text_preformatted":
      return h("pre", null, ...inner());
    case "rich_text_quote":
      return h("blockquote", null, ...withBreaks(inner()));
    case "rich_text_list": {
      const items = part.elements.map((/** @type {Block} */ item) => h("li", null, container(item, names)));
      const indent = `indent-${Math.min(Number(part.indent ?? 0), 4)}`;
      return h(part.style === "ordered" ? "ol" : "ul", { class: indent }, ...items);
    }
    default:
      return h("span", { class: "unknown" }, `(${part.type} is not shown here)`);
  }
}

/** @param {Node[]} nodes @returns {Node[]} the same, with line breaks inside plain text made visible */
function withBreaks(nodes) {
  return nodes.flatMap((node) => {
    if (!(node instanceof Text)) return [node];
    return node.data.split("\n").flatMap((line, index) => (index ? [h("br", null), new Text(line)] : [new Text(line)]));
  });
}

/** @param {Block} element @param {Names} names @returns {Node} */
function leaf(element, names) {
  switch (element.type) {
    case "text":
      return styled(new Text(element.text), element.style);
    case "link":
      return styled(link(element.url, [element.text ?? element.url]), element.style);
    case "user":
      return mention(`@${names.user(element.user_id) ?? element.user_id}`);
    case "usergroup":
      return mention(`@${names.group(element.usergroup_id) ?? element.usergroup_id}`);
    case "channel":
      return mention(`#${names.channel(element.channel_id) ?? element.channel_id}`);
    case "broadcast":
      return mention(`@${element.range}`);
    case "date": {
      const time = timeElement(element.timestamp, element.format, element.fallback ?? "");
      return styled(element.url ? link(element.url, [time]) : time, element.style);
    }
    case "emoji":
      return new Text(emoji(element));
    default:
      return h("span", { class: "unknown" }, `(${element.type} is not shown here)`);
  }
}

/** @param {Node} node @param {Record<string, boolean> | undefined} style @returns {Node} */
function styled(node, style) {
  for (const [name, tag] of Object.entries(STYLES)) if (style?.[name]) node = h(tag, null, node);
  return node;
}

/** @param {Block} element @returns {string} the sign itself where its code points are given */
function emoji(element) {
  const codes = String(element.unicode ?? "").split("-").map((code) => parseInt(code, 16));
  const isKnown = codes.every((code) => code > 0 && code <= 0x10ffff);
  return isKnown ? String.fromCodePoint(...codes) : `:${element.name}:`;
}
