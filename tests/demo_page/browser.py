"""A real browser for tests: the machine's Chromium, driven without a window."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal

import pytest
from playwright.async_api import Browser, Page, ViewportSize, async_playwright

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
NO_CHROMIUM = "no Chromium here (looked for chromium, chromium-browser, google-chrome on the PATH)"

DESK = ViewportSize(width=1280, height=900)
PHONE = ViewportSize(width=375, height=812)
ZONE = "America/New_York"


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A fresh Chromium; the test is skipped where there is none."""
    if CHROMIUM is None:
        pytest.skip(NO_CHROMIUM)
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        await chromium.close()


@dataclass
class Window:
    """An open page and what its console complained about."""

    page: Page
    complaints: list[str] = field(default_factory=list)


@asynccontextmanager
async def window(
    browser: Browser,
    url: str,
    *,
    size: ViewportSize = DESK,
    scheme: Literal["light", "dark"] = "light",
) -> AsyncIterator[Window]:
    """Open `url` in a window of `size` in New York, and fail at the end if the console saw an error."""
    context = await browser.new_context(
        viewport=size, timezone_id=ZONE, locale="en-US", color_scheme=scheme, has_touch=size == PHONE
    )
    context.set_default_timeout(10_000)
    page = await context.new_page()
    opened = Window(page)
    page.on("console", lambda said: opened.complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: opened.complaints.append(str(error)))
    await page.goto(url)
    yield opened
    await context.close()
    assert opened.complaints == []
