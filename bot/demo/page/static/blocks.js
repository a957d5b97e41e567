// Layout blocks, one function each.

import { h, reconcile } from "./dom.js";
import { image, plain, renderElement, textNodes } from "./elements.js";
import { renderInput } from "./forms.js";
import { richText } from "./richtext.js";

/** @typedef {import("./api.js").Block} Block */
/** @typedef {import("./elements.js").Context} Context */

/** @param {Block} block @param {Context} ctx */
function section(block, ctx) {
  const text = block.text ? h("div", { class: "text" }, ...textNodes(block.text, ctx)) : null;
  const fields = block.fields?.map((/** @type {Block} */ field) => h("div", null, ...textNodes(field, ctx)));
  const body = h("div", { class: "section-body" }, text, fields ? h("div", { class: "fields" }, ...fields) : null);
  const accessory = block.accessory ? renderElement(block.accessory, ctx) : null;
  return h("div", { class: "section" }, body, accessory ? h("div", { class: "accessory" }, accessory) : null);
}

/** @param {Block} block @param {Context} ctx */
function context(block, ctx) {
  const parts = block.elements.map((/** @type {Block} */ element) =>
    element.type === "image" ? image(element) : h("span", null, ...textNodes(element, ctx)),
  );
  return h("div", { class: "context" }, ...parts);
}

/** @param {Block} block @param {Context} ctx */
function actions(block, ctx) {
  const controls = block.elements.map((/** @type {Block} */ element) => renderElement(element, ctx));
  return h("div", { class: "actions" }, ...controls);
}

/** @param {Block} block */
function picture(block) {
  const caption = block.title ? h("figcaption", null, plain(block.title)) : null;
  return h("figure", null, caption, image(block));
}

const KILOBYTE = 1024;

/** A shared file: an image is shown, anything else is a link to keep it. No block of Slack's. @param {Block} file */
function sharedFile(file) {
  if (file.is_image) {
    return h("figure", { class: "file" }, h("figcaption", null, file.title), image({ image_url: file.url, alt_text: file.alt }));
  }
  const size = `${Math.max(1, Math.round(file.size / KILOBYTE))} kB`;
  const link = h("a", { href: file.url, download: file.name, data: { focus: `file ${file.id}` } }, file.title);
  return h("p", { class: "file" }, link, " ", h("span", { class: "soft" }, `${file.name}, ${size}`));
}

/** @type {Record<string, (block: Block, ctx: Context) => HTMLElement>} */
const KINDS = {
  section,
  context,
  actions,
  header: (block) => h("h3", { class: "header" }, plain(block.text)),
  divider: () => h("hr", null),
  image: picture,
  rich_text: (block, ctx) => richText(block, ctx.names),
  input: renderInput,
  file: sharedFile,
};

/** @param {Block} block @param {Context} ctx @returns {HTMLElement} */
function renderBlock(block, ctx) {
  const kind = KINDS[block.type];
  const body = kind ? kind(block, ctx) : h("p", { class: "unknown" }, `(${block.type} is not shown here)`);
  body.classList.add("block");
  return body;
}

/**
 * Show `blocks` in `holder`, rebuilding only the ones that changed.
 * @param {HTMLElement} holder @param {Block[]} blocks @param {Context} ctx
 */
export function showBlocks(holder, blocks, ctx) {
  reconcile(
    holder,
    blocks,
    (block, index) => `${index} ${block.type}`,
    (block) => renderBlock(block, ctx),
    { print: printOf, update: (element, block) => void (element.dataset.block = block.block_id ?? "") },
  );
}

/**
 * An edited message gets new block ids all over; that alone is no reason to build its blocks anew.
 * @param {Block} block
 */
const printOf = (block) => JSON.stringify(block.type === "input" ? block : { ...block, block_id: "" });
