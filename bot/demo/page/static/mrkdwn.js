// Slack's mrkdwn as DOM nodes. Data becomes text nodes; only http, https, mailto and tel links become links.

import { timeElement } from "./dates.js";
import { h } from "./dom.js";

/**
 * @typedef {{user: (id: string) => string | null, group: (id: string) => string | null,
 *   channel: (id: string) => string | null}} Names
 */

const TAGS = { "*": "strong", _: "em", "~": "s" };
const WORD = /[\p{L}\p{N}]/u;

/** @param {string} text @returns {string} the three entities as the characters they stand for */
export function unescape(text) {
  return text.replace(/&(lt|gt|amp);/g, (_, name) => ({ lt: "<", gt: ">", amp: "&" })[/** @type {"lt"} */ (name)]);
}

/** @param {string} url @returns {string | null} the address if it may be a link */
export const safeUrl = (url) => (/^(https?|mailto|tel):/i.test(url) ? url : null);

/** @param {string} url @param {(Node | string)[]} label @returns {Node} */
export function link(url, label) {
  const href = safeUrl(url);
  if (!href) return h("span", null, ...label);
  return h("a", { href, target: "_blank", rel: "noopener noreferrer" }, ...label);
}

/** @param {string} text @returns {HTMLElement} */
export const mention = (text) => h("span", { class: "mention" }, text);

/**
 * @param {string} text
 * @param {Names} names
 * @returns {Node[]}
 */
export function mrkdwn(text, names) {
  const nodes = [];
  const parts = text.split("```");
  for (const [index, part] of parts.entries()) {
    const isClosed = index < parts.length - 1;
    if (index % 2 === 1 && isClosed) nodes.push(h("pre", null, unescape(part.replace(/^\n|\n$/g, ""))));
    else nodes.push(...lines(index % 2 === 1 ? "```" + part : part, names));
  }
  return nodes;
}

/** @param {string} text @param {Names} names @returns {Node[]} line breaks and quotes */
function lines(text, names) {
  const nodes = [];
  let quote = null;
  let needsBreak = false;
  for (const line of text.split("\n")) {
    const quoted = /^(?:>|&gt;) ?(.*)$/.exec(line);
    if (quoted) {
      if (!quote) nodes.push((quote = h("blockquote", null)));
      else quote.append(h("br"));
      quote.append(...inline(quoted[1], names));
      needsBreak = false;
      continue;
    }
    quote = null;
    if (needsBreak) nodes.push(h("br"));
    nodes.push(...inline(line, names));
    needsBreak = true;
  }
  return nodes;
}

/** @param {string} text @param {Names} names @returns {Node[]} one line */
function inline(text, names) {
  /** @type {Node[]} */
  const nodes = [];
  let plain = "";
  const flush = () => {
    if (plain) nodes.push(document.createTextNode(unescape(plain)));
    plain = "";
  };
  let at = 0;
  while (at < text.length) {
    const found = tokenAt(text, at, names) ?? codeAt(text, at) ?? styleAt(text, at, names);
    if (!found) {
      plain += text[at++];
      continue;
    }
    flush();
    nodes.push(found.node);
    at = found.end;
  }
  flush();
  return nodes;
}

/** @param {string} text @param {number} at @param {Names} names */
function tokenAt(text, at, names) {
  if (text[at] !== "<") return null;
  const end = text.indexOf(">", at);
  if (end <= at + 1) return null;
  return { node: token(text.slice(at + 1, end), names), end: end + 1 };
}

/** @param {string} text @param {number} at */
function codeAt(text, at) {
  const end = text[at] === "`" ? text.indexOf("`", at + 1) : -1;
  if (end <= at + 1) return null;
  return { node: h("code", null, unescape(text.slice(at + 1, end))), end: end + 1 };
}

/**
 * A style starts and ends at the edge of a word, and its marks touch what they embrace.
 * @param {string} text @param {number} at @param {Names} names
 */
function styleAt(text, at, names) {
  const mark = text[at];
  const tag = TAGS[/** @type {"*"} */ (mark)];
  if (!tag || (at > 0 && WORD.test(text[at - 1])) || !text[at + 1] || /[\s]/.test(text[at + 1])) return null;
  for (let end = at + 1; end < text.length; end++) {
    const skip = tokenEnd(text, end);
    if (skip) end = skip;
    const closes = text[end] === mark && end > at + 1 && !/\s/.test(text[end - 1]);
    if (closes && !(text[end + 1] && WORD.test(text[end + 1]))) {
      return { node: h(tag, null, ...inline(text.slice(at + 1, end), names)), end: end + 1 };
    }
  }
  return null;
}

/** @param {string} text @param {number} at @returns {number} the last place of a token or code that starts here, or 0 */
function tokenEnd(text, at) {
  const closing = { "<": ">", "`": "`" }[text[at]];
  const end = closing ? text.indexOf(closing, at + 1) : -1;
  return end > at + 1 ? end : 0;
}

/** @param {string} inner what stands between < and > @param {Names} names @returns {Node} */
function token(inner, names) {
  const cut = inner.indexOf("|");
  const head = cut < 0 ? inner : inner.slice(0, cut);
  const label = cut < 0 ? "" : unescape(inner.slice(cut + 1));
  if (head.startsWith("@")) return mention(`@${names.user(head.slice(1)) ?? (label || head.slice(1))}`);
  if (head.startsWith("#")) return mention(`#${names.channel(head.slice(1)) ?? (label || head.slice(1))}`);
  if (head.startsWith("!date^")) return dateToken(head.slice("!date^".length), label);
  if (head.startsWith("!subteam^")) {
    const id = head.slice("!subteam^".length);
    return mention(`@${names.group(id) ?? (label.replace(/^@/, "") || id)}`);
  }
  if (head.startsWith("!")) return mention(`@${head.slice(1)}`);
  return link(unescape(head), [label || unescape(head)]);
}

/** @param {string} spec `unix^format` or `unix^format^link` @param {string} fallback */
function dateToken(spec, fallback) {
  const [unix, format, url] = spec.split("^");
  const time = timeElement(Number(unix), unescape(format ?? ""), fallback);
  return url ? link(unescape(url), [time]) : time;
}
