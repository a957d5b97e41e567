"""Can everybody use what is on the screen? Names for every control, readable colours, fingers, a narrow phone."""

from typing import Any

from playwright.async_api import Page

CONTROLS = {"button", "textbox", "combobox", "radio", "checkbox", "link", "menuitem", "spinbutton", "Date"}

FRAMES = 300
"""So many times the screen is drawn until everything has its name: five seconds."""

TOO_FAINT = """() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = (colour) => colour.slice(0, 3).map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return rgba("Canvas");
  };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility({ visibilityProperty: true })) continue;
    const [one, two] = [light(rgba(getComputedStyle(element).color)), light(ground(element))];
    const ratio = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    if (ratio < 4.5) faint.push(`${walker.currentNode.data.trim()}: ${ratio.toFixed(2)}`);
  }
  return faint;
}"""

TOO_LOW = """() => [...document.querySelectorAll("button, select, textarea, input, summary")]
  .filter((element) => element.checkVisibility({ visibilityProperty: true }))
  .map((element) => [element.closest("label") ?? element, element])
  .filter(([target]) => target.getBoundingClientRect().height < 39.5)
  .map(([target, element]) => `${element.tagName} ${target.textContent}`)"""

TOO_WIDE = """() => [...document.querySelectorAll("html, .scroller, .panels, .sheet-body, .rail, #people")]
  .filter((element) => element.scrollWidth > element.clientWidth)
  .map((element) => element.id || element.className || element.tagName)"""


async def check(page: Page) -> None:
    """Names, contrast, height and width of what is on the screen now."""
    without = await nameless(page)
    assert without == [], without
    assert await page.evaluate(TOO_FAINT) == []
    assert await page.evaluate(TOO_LOW) == []
    assert await page.evaluate(TOO_WIDE) == []


async def nameless(page: Page) -> list[Any]:
    """Controls of the browser's accessibility tree that have no name."""
    session = await page.context.new_cdp_session(page)
    for _ in range(FRAMES):
        tree = await session.send("Accessibility.getFullAXTree")
        nodes = [node for node in tree["nodes"] if not node["ignored"]]
        controls = [node for node in nodes if node.get("role", {}).get("value") in CONTROLS]
        without = [node["role"]["value"] for node in controls if not node.get("name", {}).get("value")]
        if controls and not without:
            return []
        # Right after a page was loaded the browser is still making its tree.
        await page.evaluate("() => new Promise((drawn) => requestAnimationFrame(drawn))")
    return without or ["no control at all"]
