// Lists of messages stay at their end when they were there, and where the person reads otherwise.

const NEAR_END_PX = 60;

/**
 * Watch a scroller; the answer shows a place in it by running `fill`, and remembers how far each place was scrolled.
 * @param {HTMLElement} scroller
 * @returns {(place: string, fill: () => void, fromTop?: boolean) => void} `fromTop`: a new place shows its beginning
 */
export function createScroll(scroller) {
  /** @type {Map<string, number>} places that are not at their end */
  const reading = new Map();
  let shown = "";
  let top = 0;
  const settle = () => {
    scroller.scrollTop = reading.get(shown) ?? scroller.scrollHeight;
    top = scroller.scrollTop;
  };
  const look = () => {
    if (scroller.scrollTop === top) return;
    top = scroller.scrollTop;
    const isAtEnd = scroller.scrollHeight - top - scroller.clientHeight < NEAR_END_PX;
    if (isAtEnd) reading.delete(shown);
    else reading.set(shown, top);
  };
  scroller.addEventListener("scroll", look);
  // A growing composer or a phone's keyboard makes the list shorter.
  new ResizeObserver(() => reading.has(shown) || settle()).observe(scroller);
  return (place, fill, fromTop = false) => {
    // The event of a scroll comes a frame later; a change may be faster.
    look();
    const isNew = place !== shown;
    shown = place;
    if (fromTop && !reading.has(place)) reading.set(place, 0);
    fill();
    if (isNew || !reading.has(place)) settle();
  };
}
