"""Takes the README's pictures from the real demo while it plays its main story (`make pictures`)."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

from playwright.async_api import Browser, Page, ViewportSize, async_playwright, expect

from bot.demo.plays import STORIES
from tests.demo_page.browser import CHROMIUM, DESK, NO_CHROMIUM, PHONE
from tests.demo_page.real_demo import LEISURE, RealDemo, a_real_demo

DOCS = Path(__file__).parents[2] / "docs"
SOON_MS = 60_000


async def main() -> None:
    """Save docs/demo.png (a desk, support is rung) and docs/demo-phone.png (a phone, the proof)."""
    if CHROMIUM is None:
        raise SystemExit(NO_CHROMIUM)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        async with a_real_demo(pace=LEISURE) as demo:
            await to_the_night(demo)
            desk = await opened(browser, demo.url, DESK)
            phone = await opened(browser, demo.url, PHONE)
            await demo.post("play", story=STORIES[0].id)
            await expect(desk.locator("#rings")).to_contain_text("Restart it?", timeout=SOON_MS)
            await expect(desk.get_by_role("button", name="Restart station")).to_be_visible(timeout=SOON_MS)
            await desk.screenshot(path=DOCS / "demo.png")
            await expect(phone.locator("#messages")).to_contain_text("log the repair", timeout=SOON_MS)
            await phone.screenshot(path=DOCS / "demo-phone.png")
        await browser.close()


async def to_the_night(demo: RealDemo) -> None:
    """Move the demo's clock to 02:58, site time: the hour this is made for."""
    now = datetime.fromisoformat((await demo.get("world"))["clock"])
    night = now.replace(hour=2, minute=58, second=0, microsecond=0)
    minutes = (night - now) % timedelta(days=1) // timedelta(minutes=1)
    await demo.post("clock", minutes=minutes)


async def opened(browser: Browser, url: str, size: ViewportSize) -> Page:
    """The page as support sees it, in the light."""
    context = await browser.new_context(viewport=size, color_scheme="light", has_touch=size == PHONE)
    page = await context.new_page()
    await page.goto(url)
    await expect(page.get_by_role("heading", name="It is quiet here.")).to_be_visible()
    return page


if __name__ == "__main__":
    asyncio.run(main())
