"""The Home tab of the real demo on a phone: empty, then with something to do, found and followed by keyboard."""

from playwright.async_api import Browser, expect

from tests.demo_page.browser import PHONE, window
from tests.demo_page.checks import check
from tests.demo_page.real_demo import a_real_demo
from tests.demo_page.test_home_and_direct import walk_to
from tests.demo_page.walks import SOON_MS, STATION, Walk


async def nothing(_screen: str, _page: object) -> None:
    """Nobody looks at the single screens of this walk."""


async def test_home_leads_a_phone_from_an_empty_morning_to_the_card(browser: Browser) -> None:
    async with a_real_demo() as demo, window(browser, demo.url, size=PHONE) as opened:
        page = opened.page
        walk = Walk(demo, page, PHONE, nothing)
        home, tab = page.locator("#home"), page.get_by_role("button", name="Home", exact=True)
        await tab.click()
        await expect(home).to_contain_text("Nothing needs you. None is down.")
        await check(page)

        await page.get_by_role("button", name="charger-alerts").click()
        await walk.silent_for_30_minutes("Modem hang")
        await tab.click()
        await expect(home).to_contain_text("Needs you now (1)", timeout=SOON_MS)
        await expect(home).to_contain_text("Garage B 4 · Pier 9")
        await check(page)
        await walk_to(page, f"Go to {STATION}")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("article").filter(has_text=STATION).first).to_be_in_viewport()
        assert len(page.context.pages) == 1, "the way to a card opens no other tab"

        await walk.press("Take")
        await walk.become("Support 2")
        await tab.click()
        await expect(home).to_contain_text("Open elsewhere (1)")
        await walk_to(page, "Show all: open elsewhere")
        await page.keyboard.press("Enter")
        await expect(home).to_contain_text("Open elsewhere: 1 to 1 of 1")
        await expect(home).to_contain_text("@Support 1")
        await check(page)
        await home.get_by_role("button", name="Back").click()
        await home.get_by_role("button", name="Help").click()
        await expect(walk.dialog).to_contain_text("/charger status SERIAL")
        await page.keyboard.press("Escape")
        await expect(home.get_by_role("button", name="Help")).to_be_focused()
