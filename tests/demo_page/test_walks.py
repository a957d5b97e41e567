"""Three incidents pressed by hand on the real demo's page reach their end, and everybody can use each screen."""

from collections.abc import Awaitable, Callable
from typing import Literal

import pytest
from playwright.async_api import Browser, Page, ViewportSize

from tests.demo_page.browser import DESK, PHONE, window
from tests.demo_page.checks import check
from tests.demo_page.real_demo import a_real_demo
from tests.demo_page.walks import Walk, carrier_outage, restart_helps, to_the_visit


async def looked(_: str, page: Page) -> None:
    """Check what is on the screen."""
    await check(page)


@pytest.mark.parametrize("walked", [restart_helps, to_the_visit, carrier_outage])
@pytest.mark.parametrize(
    ("size", "scheme"), [(DESK, "light"), (PHONE, "dark")], ids=["desk in the light", "phone in the dark"]
)
async def test_an_incident_is_walked_through_and_every_screen_of_it_can_be_used(
    browser: Browser,
    size: ViewportSize,
    scheme: Literal["light", "dark"],
    walked: Callable[[Walk], Awaitable[None]],
) -> None:
    async with a_real_demo() as demo, window(browser, demo.url, size=size, scheme=scheme) as opened:
        await walked(Walk(demo, opened.page, size, looked))
