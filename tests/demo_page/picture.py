"""Takes the README's pictures from the real demo, walked by hand in the night (`make pictures`)."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path

from playwright.async_api import Browser, Page, ViewportSize, async_playwright

from bot.demo.player import Pace
from tests.demo_page.browser import CHROMIUM, NO_CHROMIUM
from tests.demo_page.real_demo import HURRY, RealDemo, a_real_demo
from tests.demo_page.walks import Walk, behind_two_gates, restart_helps, the_morning, to_the_visit

DOCS = Path(__file__).parents[2] / "docs"
DESK = ViewportSize(width=1280, height=860)
PHONE = ViewportSize(width=412, height=1100)
"""A long screen: the technician's whole message fits on it."""
SLOWLY = Pace(read=1.0, point=0.3, minute=0.01)
"""Slow enough for a picture of one screen."""


async def main() -> None:
    """Save docs/demo.png (a desk, support is rung), of a phone the visit and the shut gates, and the digest."""
    if CHROMIUM is None:
        raise SystemExit(NO_CHROMIUM)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        await picture(browser, DESK, restart_helps, "rung", "demo.png")
        await picture(browser, PHONE, to_the_visit, "direct message", "demo-phone.png")
        await picture(browser, PHONE, behind_two_gates, "gate shut", "demo-on-site.png", pace=SLOWLY)
        await picture(browser, DESK, the_morning, "morning", "demo-digest.png")
        await browser.close()


async def picture(
    browser: Browser,
    size: ViewportSize,
    walked: Callable[[Walk], Awaitable[None]],
    screen: str,
    name: str,
    *,
    pace: Pace = HURRY,
) -> None:
    """Walk through a demo of its own and keep what one screen looks like."""

    async def look(shown: str, page: Page) -> None:
        if shown == screen:
            await page.screenshot(path=DOCS / name)

    async with a_real_demo(pace=pace) as demo:
        await to_the_night(demo)
        context = await browser.new_context(viewport=size, color_scheme="light")
        page = await context.new_page()
        await page.goto(demo.url)
        await walked(Walk(demo, page, size, look))
        await context.close()


async def to_the_night(demo: RealDemo) -> None:
    """Move the demo's clock to 02:58, site time: the hour this is made for."""
    now = datetime.fromisoformat((await demo.get("world"))["clock"])
    night = now.replace(hour=2, minute=58, second=0, microsecond=0)
    minutes = (night - now) % timedelta(days=1) // timedelta(minutes=1)
    await demo.post("clock", minutes=minutes)


if __name__ == "__main__":
    asyncio.run(main())
