// Stories that play by themselves: what is said, whose screen one looks at, what is about to be pressed.

import { playStory, stopStory } from "./api.js";
import { closeDialog, openQuestion } from "./dialog.js";
import { byId } from "./dom.js";
import { questionOf } from "./elements.js";
import { contextFor } from "./messages.js";
import { answerRings, notice } from "./notices.js";
import { channelOf, messageOf, refreshWorld, set, store } from "./state.js";
import { sendButton, typeInto } from "./view.js";

/** @typedef {import("./api.js").Play} Play */

const ENDS = { done: "The end.", stopped: "Stopped here.", stuck: "The story cannot go on." };

/** What the page last followed, and what the person put away. */
let followed = "";
let closed = "";

/** @type {HTMLDialogElement | null} the dialog that asks before the click, shown and not to be answered */
let question = null;

/** @returns {boolean} a story plays now */
export const isPlaying = () => Boolean(store.world?.play && !store.world.play.ended);

/** Let the buttons that stand in the page's HTML do what they say. */
export function startStories() {
  for (const story of storyElements()) {
    story.querySelector(".play")?.addEventListener("click", () => void play(story.dataset.story ?? ""));
  }
  for (const button of document.querySelectorAll("[data-play]")) {
    button.addEventListener("click", () => void play(/** @type {HTMLElement} */ (button).dataset.play ?? ""));
  }
  byId("playing-stop").addEventListener("click", () => void stopOrClose());
}

/** @returns {HTMLElement[]} */
const storyElements = () =>
  [...byId("stories").querySelectorAll(".story")].map((one) => /** @type {HTMLElement} */ (one));

/** @param {string} story */
async function play(story) {
  const answer = await playStory(story);
  if (!answer.ok) notice(answer.error ?? "That did not work.");
  await refreshWorld();
}

async function stopOrClose() {
  const now = store.world?.play;
  if (!now) return;
  if (now.ended) closed = idOf(now);
  else await stopStory();
  await refreshWorld();
}

/** @param {Play} now @returns {string} tells one playing from another */
const idOf = ({ story, serial }) => `${story} ${serial}`;

/** @param {(user: string) => Promise<void>} become */
export function paintStories(become) {
  const now = store.world?.play ?? null;
  for (const story of storyElements()) paintStory(story, now?.story === story.dataset.story ? now : null);
  paintStrip(now);
  const isOn = now && !now.ended;
  if (isOn && now.typing) typeInto(now.typing.view, now.typing.values);
  askFirst(isOn ? now.pointing : null);
  point(isOn ? now : null);
  // The last scene may be over before the page has seen it.
  const wasFollowed = now?.ended === "done" && followed.startsWith(idOf(now));
  if (isOn || wasFollowed) follow(now, become);
  if (isOn && now.changed) reveal(now);
}

/** @param {HTMLElement} story @param {Play | null} now */
function paintStory(story, now) {
  const scenes = /** @type {HTMLElement} */ (story.querySelector(".scenes"));
  scenes.hidden = !now;
  story.classList.toggle("now", Boolean(now && !now.ended));
  const button = /** @type {HTMLElement} */ (story.querySelector(".play"));
  button.setAttribute("aria-disabled", String(isPlaying()));
  if (!now) return;
  const shownBefore = scenes.querySelector(".here");
  [...scenes.children].forEach((scene, index) => {
    const { says = "" } = /** @type {HTMLElement} */ (scene).dataset;
    const words = says.replaceAll("{serial}", now.serial);
    if (scene.textContent !== words) scene.textContent = words;
    const isPast = index < now.at || now.ended === "done";
    scene.className = isPast ? "past" : index === now.at ? "here" : "";
    if (index === now.at && !now.ended) scene.setAttribute("aria-current", "step");
    else scene.removeAttribute("aria-current");
  });
  const here = scenes.querySelector(".here");
  if (here && here !== shownBefore) bringIntoPanel(here);
}

/** Scroll the controls, and nothing around them, until the scene can be read. @param {Element} scene */
function bringIntoPanel(scene) {
  const panels = byId("panels");
  const [room, at] = [panels.getBoundingClientRect(), scene.getBoundingClientRect()];
  if (at.bottom > room.bottom) panels.scrollTop += at.bottom - room.bottom + 16;
  else if (at.top < room.top) panels.scrollTop -= room.top - at.top + 16;
}

/** @param {Play | null} now */
function paintStrip(now) {
  const strip = byId("playing");
  strip.hidden = !now || closed === idOf(now);
  strip.classList.toggle("ended", Boolean(now?.ended));
  if (!now || strip.hidden) return;
  const story = storyElements().find((one) => one.dataset.story === now.story);
  const all = story?.querySelectorAll(".scenes li").length ?? 1;
  byId("playing-title").textContent = story?.querySelector("h3")?.textContent ?? "Story";
  byId("playing-at").textContent = `${now.at + 1} of ${all}`;
  const words = now.ended ? [ENDS[now.ended], now.trouble].filter(Boolean).join(" ") : now.says;
  if (byId("playing-says").textContent !== words) byId("playing-says").textContent = words;
  byId("playing-stop").textContent = now.ended ? "Close" : "Stop";
  const bar = /** @type {HTMLElement} */ (byId("playing-bar").firstElementChild);
  bar.style.width = `${now.ended === "done" ? 100 : (100 * (now.at + 0.5)) / all}%`;
}

/** @param {Play | null} now @returns {HTMLElement | null} what is about to be pressed */
function targetOf(now) {
  if (now?.typing) return sendButton();
  if (question) return question.querySelector(".yes");
  return now?.pointing ? controlOf(now.pointing) : null;
}

/** @param {Play | null} now */
function point(now) {
  const target = targetOf(now);
  for (const old of document.querySelectorAll(".pointed")) if (old !== target) old.classList.remove("pointed");
  if (!target || target.classList.contains("pointed")) return;
  target.classList.add("pointed");
  target.scrollIntoView({ block: "nearest" });
}

/** @param {{ts: string, label: string}} pointing @returns {HTMLElement | null} the button, or the menu it hides in */
function controlOf({ ts, label }) {
  const message = byId("messages").querySelector(`[data-ts="${CSS.escape(ts)}"]`);
  const buttons = [...(message?.querySelectorAll("button[data-action]") ?? [])];
  const found = buttons.find((button) => button.textContent === label) ?? message?.querySelector(".overflow");
  return /** @type {HTMLElement | null} */ (found ?? null);
}

/** Show the dialog that the click meets; the story answers it. @param {Play["pointing"]} pointing */
function askFirst(pointing) {
  if (!pointing?.asks) {
    if (question) closeDialog(question);
    question = null;
    return;
  }
  const { channel, ts, label } = pointing;
  const elements = messageOf(channel, ts)?.blocks?.flatMap((block) => block.elements ?? []) ?? [];
  const confirm = elements.find((element) => element.text?.text === label)?.confirm;
  if (question || !confirm) return;
  question = openQuestion(questionOf(confirm, contextFor("story", {})), () => {});
}

/**
 * Look at the screen of whoever acts, once per scene; the viewer may look elsewhere meanwhile.
 * @param {Play} now @param {(user: string) => Promise<void>} become
 */
function follow(now, become) {
  const scene = [idOf(now), now.at, now.who, now.pointing?.ts, now.looking?.ts, now.thread].join(" ");
  if (scene === followed) return;
  const isFirst = !followed.startsWith(idOf(now));
  followed = scene;
  if (now.who && now.who !== store.user) void become(now.who).then(() => show(now, isFirst));
  else show(now, isFirst);
}

/** @param {Play} now @param {boolean} isFirst */
function show({ pointing, looking, thread }, isFirst) {
  const told = store.state?.channels.find(({ kind }) => kind === "channel")?.id ?? "";
  const channel = pointing?.channel ?? looking?.channel ?? (isFirst ? told : store.channel);
  if (!channelOf(channel)) return;
  if (pointing) answerRings(channel, pointing.ts);
  if (thread) {
    answerRings(channel, thread);
    set({ channel, thread, pane: "thread" });
  } else if (pointing || looking || isFirst) {
    set({ channel, thread: channel === store.channel ? store.thread : null, pane: "main" });
    if (looking) showBeginning(looking.ts);
  }
}

/** The card whose beginning was shown last, and in which scene. */
let revealed = "";

/** Show once how the scene changed the card, if it stands in what is open; a ring makes less room for it. @param {Play} now */
function reveal(now) {
  const scene = `${idOf(now)} ${now.at} ${now.changed} ${byId("rings").childElementCount}`;
  if (scene === revealed) return;
  revealed = scene;
  showBeginning(now.changed ?? "");
}

/** What is new stands in a card's first lines: a card higher than the room must not hide them. @param {string} ts */
function showBeginning(ts) {
  const message = byId("messages").querySelector(`[data-ts="${CSS.escape(ts)}"]`);
  const room = byId("scroller").getBoundingClientRect();
  if (message && message.getBoundingClientRect().top < room.top) message.scrollIntoView({ block: "start" });
}
