"""The real demo, whole: every story plays to its end, a reset brings a fresh world, the browser can follow."""

import re
from typing import Any

import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect

from bot.demo.plays import STORIES
from tests.demo_page.browser import DESK, PHONE, window
from tests.demo_page.checks import check
from tests.demo_page.real_demo import RealDemo, a_real_demo
from tests.demo_page.walks import Walk, the_morning

SOON_MS = 60_000


async def ended(demo: RealDemo) -> dict[str, Any]:
    """The story once it is over; every question lets the demo go on."""
    while not (play := (await demo.get("world"))["play"])["ended"]:
        pass
    told: dict[str, Any] = play
    return told


@pytest.mark.parametrize("story", [story.id for story in STORIES])
async def test_every_story_plays_to_its_end(story: str) -> None:
    async with a_real_demo() as demo:
        assert await demo.post("play", story=story) == {"ok": True}
        play = await ended(demo)

    assert (play["ended"], play["trouble"]) == ("done", None)


async def test_a_second_telling_takes_a_station_that_nothing_was_said_about() -> None:
    async with a_real_demo() as demo:
        serials = []
        for _ in range(2):
            assert await demo.post("play", story="heals") == {"ok": True}
            serials.append((await ended(demo))["serial"])

    assert len(set(serials)) == 2


async def test_a_reset_brings_a_fresh_world_at_the_same_address() -> None:
    async with a_real_demo() as demo:
        await demo.post("stations/CT4G-20117/fault", fault="modem hang")
        await demo.post("clock", minutes=30)
        old = await demo.get("world")
        assert await demo.post("reset") == {"ok": True}
        assert await demo.openings.get() == demo.url
        new = await demo.get("world")

    assert old["life"] != new["life"]
    assert [row["fault"] for row in new["stations"]] == [None] * 12
    assert new["clock"] < old["clock"]


async def test_the_inspector_tells_of_alert_portal_and_slack() -> None:
    async with a_real_demo() as demo:
        await demo.post("play", story="restart-helps")
        await ended(demo)
        calls = (await demo.get("traffic"))["calls"]

    told = {(call["side"], call["name"]) for call in calls}
    assert ("slack", "chat.update") in told
    assert ("slack", "view_submission") in told
    assert any(side == "portal" and name.endswith("/commands") for side, name in told)
    assert not re.search(r"xoxb-|xapp-|whsec_|/respond/", str(calls))


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
async def test_the_main_story_is_followed_in_the_browser(browser: Browser, size: ViewportSize) -> None:
    async with a_real_demo() as demo, window(browser, demo.url, size=size) as opened:
        page = opened.page
        await page.get_by_role("button", name="Play a story").click()
        story = page.get_by_role("region", name="Story")
        await expect(story).to_contain_text("The end.", timeout=SOON_MS)
        thread = page.get_by_role("region", name="Thread #")
        await expect(thread).to_contain_text("Fix: modem power cycle")
        await expect(thread).to_contain_text("Modem hang, cleared by the restart.")
        if size == PHONE:
            await page.get_by_role("button", name="Close the thread").click()
        await expect(page.locator("#messages")).to_contain_text("Closed")


async def test_the_whole_visit_is_followed_on_a_phone(browser: Browser) -> None:
    async with a_real_demo() as demo, window(browser, demo.url, size=PHONE) as opened:
        page = opened.page
        await page.locator("#controls-open").click()
        await page.get_by_role("button", name="Play: On site: two gates").click()
        await expect(page.get_by_role("region", name="Story")).to_contain_text("The end.", timeout=SOON_MS)
        thread = page.get_by_role("region", name="Thread #")
        await expect(thread).to_contain_text("Fix: antenna reconnection")
        await expect(thread).to_contain_text("0 V read 6 times")
        await page.get_by_role("radio", name="Tech 1").check()
        await page.get_by_role("navigation").get_by_role("button", name="Relink").click()
        await expect(page.locator("#messages")).to_contain_text("Closed")
        await expect(page.locator("#messages")).not_to_contain_text("U.FL")


async def test_reset_in_the_browser_ends_in_a_quiet_page(browser: Browser) -> None:
    async with a_real_demo() as demo, window(browser, demo.url) as opened:
        page = opened.page
        await page.get_by_role("tab", name="Stations").click()
        await page.get_by_role("button", name="Break CT4G-20117").click()
        await page.get_by_role("menuitem", name="Modem hang").click()
        await page.get_by_role("button", name="Move the clock on by 10 min").click()
        await expect(page.get_by_role("article")).to_contain_text("CT4G-20117", timeout=SOON_MS)
        await page.get_by_role("button", name="Reset").click()
        await page.get_by_role("dialog").get_by_role("button", name="Reset").click()
        await expect(page.get_by_role("heading", name="It is quiet here.")).to_be_visible(timeout=SOON_MS)
        await expect(page.get_by_role("article")).to_have_count(0)
        opened.complaints.clear()


async def test_to_07_00_brings_the_morning_digest_and_its_chart(browser: Browser) -> None:
    async def look(_: str, page: Page) -> None:
        await check(page)

    async with a_real_demo() as demo, window(browser, demo.url, size=PHONE) as opened:
        await the_morning(Walk(demo, opened.page, PHONE, look))
