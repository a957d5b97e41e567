"""The page can be used by everybody: names for every control, readable colours, fingers, a narrow phone."""

import pytest
from playwright.async_api import Browser, ViewportSize, expect

from bot.demo.player import Play
from bot.demo.traffic import Call
from tests.demo_page.browser import DESK, PHONE, window
from tests.demo_page.cards import EVERY_BLOCK, field, modal, option
from tests.demo_page.checks import check
from tests.demo_page.slack_stub import START, SlackStub, StubFleet, said, served, stamp


def everything() -> SlackStub:
    """One of everything that can be on the page."""
    parent = said("a log", *EVERY_BLOCK, minutes=-1, reply_count=1)
    parent["thread"] = [said("reply", minutes=-0.5, thread_ts=parent["ts"])]
    return SlackStub(
        messages=[said("typed *here*", minutes=-5, user="U2"), parent],
        ephemerals=[{"id": "e", "text": "Not for others `code`.", "blocks": [], "thread_ts": None}],
        toasts=[{"id": 1, "text": "<@U1> rings", "channel": "C1", "ts": stamp(-0.5)}],
    )


FORM = modal(
    field("a", "Radio", "radio_buttons", options=[option("Yes", "yes")]),
    field("b", "Number", "number_input"),
    field("c", "Text", "plain_text_input", multiline=True, optional=True),
    field("d", "Choice", "static_select", options=[option("One", "one")]),
    field("e", "Boxes", "checkboxes", options=[option("Box", "box")]),
    field("f", "Day", "datepicker"),
    field("g", "Hour", "timepicker"),
    field("h", "Moment", "datetimepicker"),
)


FAILED_CALL = Call(
    1, START.isoformat(), "slack", True, "chat.update", False, "ratelimited", {"a": ["b"]}, {"ok": False}
)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_screen_is_named_readable_and_touchable(
    browser: Browser, size: ViewportSize, scheme: str
) -> None:
    fleet = StubFleet({"CT4G-20117": "modem hang", "CT4G-10290": None}, charging={"CT4G-10290"})
    async with (
        served(everything(), fleet) as demo,
        window(browser, demo.url, size=size, scheme="dark" if scheme == "dark" else "light") as opened,
    ):
        page = opened.page
        demo.fleet.down.add(("north", "T-Mobile"))
        demo.traffic.calls.append(FAILED_CALL)
        await expect(page.get_by_role("region", name="Rings").get_by_role("listitem")).to_be_visible()
        await check(page)
        await page.get_by_role("button", name="Later").click()
        await page.get_by_role("button", name="More actions").click()
        await check(page)
        await page.keyboard.press("Escape")
        await page.get_by_role("button", name="1 reply").click()
        await expect(page.get_by_role("button", name="Close the thread")).to_be_visible()
        await check(page)
        await page.locator("#controls-open").click()
        await expect(page.get_by_role("button", name="Play: Modem hang, restart helps")).to_be_visible()
        await check(page)
        await page.get_by_role("tab", name="Stations").click()
        await expect(page.get_by_role("button", name="Mend CT4G-20117")).to_be_visible()
        await check(page)
        await page.get_by_role("button", name="Break CT4G-10290").click()
        await check(page)
        await page.keyboard.press("Escape")
        await page.get_by_text("Faults, and what the bot should do").click()
        await check(page)
        await page.get_by_role("tab", name="Inspector").click()
        await page.locator("#calls summary").first.click()
        await check(page)
        demo.stage.play = Play("restart-helps", "CT4G-20117", at=1, says="10 minutes of silence.")
        await page.reload()
        await expect(page.get_by_role("button", name="Stop")).to_be_visible()
        await check(page)
        demo.slack.view = FORM
        await demo.slack.changed()
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_label("Number")).to_have_accessible_description("Please fill this in.")
        await check(page)


async def test_the_smallest_phone_scrolls_in_one_direction_only(browser: Browser) -> None:
    async with (
        served(everything()) as demo,
        window(browser, demo.url, size=ViewportSize(width=320, height=640)) as opened,
    ):
        page = opened.page
        await expect(page.get_by_role("region", name="Rings").get_by_role("listitem")).to_be_visible()
        await check(page)
        await page.locator("#controls-open").click()
        await expect(page.get_by_role("button", name="to 07:00")).to_be_in_viewport(ratio=1)
        await check(page)
        demo.slack.view = FORM
        await demo.slack.changed()
        await expect(page.get_by_label("Number")).to_be_visible()
        await check(page)
