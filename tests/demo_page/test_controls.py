"""The controls: tabs, faults, switches, stories that play, the inspector, and the way to a fresh world."""

from dataclasses import replace

from playwright.async_api import Browser, expect

from bot.demo.player import Play
from bot.demo.traffic import Call
from tests.demo_page.browser import PHONE, window
from tests.demo_page.cards import CONFIRM, button, field, modal, section
from tests.demo_page.slack_stub import START, SlackStub, said, served, stamp

CALL = Call(
    1,
    START.isoformat(),
    "slack",
    True,
    "chat.postMessage",
    True,
    "ok",
    {"channel": "C1", "blocks": [{"type": "divider"}]},
    {"ok": True, "ts": "1.2"},
)
FAILED = replace(CALL, id=2, name="chat.update", ok=False, status="ratelimited", answer={"ok": False})
READ = replace(CALL, id=3, side="portal", name="GET /status", status="200", request=None)


async def test_the_tabs_are_walked_with_the_arrow_keys(browser: Browser) -> None:
    async with served() as demo, window(browser, demo.url) as opened:
        page = opened.page
        await page.get_by_role("tab", name="Stories").focus()
        await page.keyboard.press("ArrowRight")
        await expect(page.get_by_role("tab", name="Stations")).to_be_focused()
        await expect(page.get_by_role("tabpanel", name="Stations")).to_be_visible()
        await expect(page.get_by_role("tabpanel", name="Stories")).to_be_hidden()
        await page.keyboard.press("End")
        await expect(page.get_by_role("tabpanel", name="Inspector")).to_be_visible()
        await page.keyboard.press("ArrowRight")
        await expect(page.get_by_role("tab", name="Stories")).to_be_focused()


async def test_who_comes_to_a_quiet_channel_is_shown_two_ways_to_begin(browser: Browser) -> None:
    async with served() as demo, window(browser, demo.url, size=PHONE) as opened:
        page = opened.page
        await expect(page.get_by_role("heading", name="It is quiet here.")).to_be_visible()
        await page.get_by_role("button", name="Break a station").click()
        await expect(page.get_by_role("tab", name="Stations")).to_be_focused()
        await page.get_by_role("button", name="Close the controls").click()
        await page.get_by_role("button", name="Play a story").click()
        await expect(page.get_by_role("region", name="Story")).to_contain_text("It begins.")
    assert demo.stage.started == ["restart-helps"]


async def test_every_fault_of_a_station_is_offered_with_what_should_come_of_it(browser: Browser) -> None:
    async with served() as demo, window(browser, demo.url) as opened:
        page = opened.page
        await page.get_by_role("tab", name="Stations").click()
        await page.get_by_role("button", name="Break CT4G-20117").click()
        entries = page.get_by_role("menuitem")
        await expect(entries).to_have_count(3)
        await expect(entries.nth(2)).to_have_text(
            "Session running"
            "A car charges, and the portal keeps saying so. No restart now, unless a lead gives a reason."
        )
        await entries.nth(2).click()
        row = page.get_by_role("row", name="CT4G-20117")
        await expect(row).to_contain_text("A car is charging")
        assert demo.fleet.charging == {"CT4G-20117"}
        await row.get_by_role("button", name="The car leaves").click()
        await expect(row).not_to_contain_text("A car is charging")
        assert demo.fleet.charging == set()


async def test_an_outage_and_the_portal_are_switched_by_hand_and_say_what_they_mean(browser: Browser) -> None:
    async with served() as demo, window(browser, demo.url) as opened:
        page = opened.page
        await page.get_by_role("tab", name="Stations").click()
        outage = page.get_by_role("button", name="T-Mobile, north")
        portal = page.get_by_role("button", name="Portal unreachable")
        await outage.click()
        await expect(outage).to_have_attribute("aria-pressed", "true")
        await expect(page.locator("#wide-words")).to_contain_text("likely the carrier, not the stations")
        await portal.click()
        await expect(portal).to_have_attribute("aria-pressed", "true")
        assert (demo.fleet.down, demo.portal.reachable) == ({("north", "T-Mobile")}, False)
        await portal.click()
        await outage.click()
        await expect(outage).to_have_attribute("aria-pressed", "false")
        assert (demo.fleet.down, demo.portal.reachable) == (set(), True)


async def test_the_inspector_shows_the_newest_call_on_top_and_its_json_when_asked(browser: Browser) -> None:
    async with served() as demo, window(browser, demo.url) as opened:
        page = opened.page
        demo.traffic.calls = [CALL, FAILED]
        await page.get_by_role("tab", name="Inspector").click()
        calls = page.get_by_role("tabpanel", name="Inspector").get_by_role("listitem")
        await expect(calls).to_have_count(2)
        await expect(calls.first).to_contain_text("chat.update")
        await expect(calls.first).to_contain_text("ratelimited")
        await expect(calls.last).to_contain_text("03:10:30 · Relink → Slack")

        await calls.last.locator("summary").click()
        await expect(calls.last.locator("pre").first).to_have_text(
            '{\n  "channel": "C1",\n  "blocks": [\n    {\n      "type": "divider"\n    }\n  ]\n}'
        )
        demo.traffic.calls.append(READ)
        await demo.slack.changed()
        await expect(calls).to_have_count(3)
        await expect(calls.last.locator("pre").first).to_be_visible()

        await page.get_by_label("Show").select_option("Portal")
        await expect(calls).to_contain_text(["GET /status"])
        await page.get_by_label("Show").select_option("What failed")
        await expect(calls).to_contain_text(["chat.update"])
        await page.get_by_role("button", name="Clear").click()
        await expect(calls).to_have_count(0)


async def test_a_story_says_what_happens_points_at_the_button_and_looks_as_whoever_acts(
    browser: Browser,
) -> None:
    restart = button("Restart station", "restart", style="primary", confirm=CONFIRM)
    actions = {"type": "actions", "block_id": "acts", "elements": [restart, button("Take", "take")]}
    stub = SlackStub(messages=[said("card", section("*Card*"), actions)])
    async with served(stub) as demo, window(browser, demo.url) as opened:
        page = opened.page
        await page.get_by_role("button", name="Play: Modem hang, restart helps").click()
        story = page.get_by_role("region", name="Story")
        await expect(story).to_contain_text("Modem hang, restart helps")
        assert demo.stage.started == ["restart-helps"]

        play = Play("restart-helps", "CT4G-20117", at=3, says="Support 2 sends it.", who="U2")
        pointing: dict[str, str | bool] = {"channel": "C1", "ts": stamp(), "label": "Restart station"}
        demo.stage.play = replace(play, pointing=pointing)
        await expect(page.get_by_role("radio", name="Support 2")).to_be_checked()
        await expect(story).to_contain_text("4 of 9")
        await expect(page.locator(".pointed")).to_have_text("Restart station")
        current = page.locator("[aria-current=step]")
        await expect(current).to_contain_text("Support 1 sends the one restart.")

        demo.stage.play = replace(play, pointing=pointing | {"asks": True})
        dialog = page.get_by_role("dialog", name="Restart CT4G-20117?")
        await expect(dialog).to_be_visible()
        await expect(page.locator(".pointed")).to_have_text("Restart")
        demo.stage.play = play
        await expect(dialog).to_have_count(0)

        demo.slack.view = modal(field("note", "Notes", "plain_text_input"))
        await demo.slack.changed()
        typing = {"view": "V1", "values": {"note": {"v": "It was off."}}}
        demo.stage.play = replace(play, typing=typing)
        await expect(page.get_by_label("Notes")).to_have_value("It was off.")
        demo.slack.view = None
        demo.stage.play = replace(play, ended="stuck", trouble="Waited in vain for a form.")
        await demo.slack.changed()
        await expect(story).to_contain_text("The story cannot go on. Waited in vain for a form.")
        await story.get_by_role("button", name="Close").click()
        await expect(story).to_be_hidden()
    assert demo.slack.sent == [], "the page only watches"


async def test_a_story_is_stopped_from_its_strip_and_may_lead_into_a_thread(browser: Browser) -> None:
    parent = said("card", section("*Card*"), minutes=-2, reply_count=1)
    parent["thread"] = [said("Repair log", minutes=-1, thread_ts=parent["ts"])]
    async with served(SlackStub(messages=[parent])) as demo, window(browser, demo.url, size=PHONE) as opened:
        page = opened.page
        demo.stage.play = Play("heals", "CT4G-20117", at=5, says="The log.", who="U1", thread=parent["ts"])
        await page.reload()
        await expect(page.get_by_role("region", name="Thread #")).to_contain_text("Repair log")
        await page.get_by_role("button", name="Stop").click()
        await expect(page.get_by_role("region", name="Story")).to_contain_text("Stopped here.")


async def test_reset_asks_first_and_loads_the_page_anew_when_the_new_world_is_there(browser: Browser) -> None:
    async with served() as demo, window(browser, demo.url) as opened:
        page = opened.page
        await page.get_by_role("button", name="Reset").click()
        await page.get_by_role("button", name="Keep it").click()
        assert demo.resets == []
        await page.get_by_role("button", name="Reset").click()
        await page.get_by_role("dialog").get_by_role("button", name="Reset").click()
        await expect(page.get_by_text("A fresh world is being made.")).to_be_visible()
        assert demo.resets == [START]


async def test_the_home_tab_is_there_before_the_app_has_published_one(browser: Browser) -> None:
    stub = SlackStub(messages=[said("hello")])
    async with served(stub) as demo, window(browser, demo.url) as opened:
        page = opened.page
        await page.get_by_role("button", name="Home").click()
        await expect(page.get_by_text("Relink has nothing on its Home tab yet.")).to_be_visible()
        await expect(page.get_by_text("hello", exact=True)).to_be_hidden()
        await page.get_by_role("button", name="charger-alerts").first.click()
        await expect(page.get_by_text("hello", exact=True)).to_be_visible()
        await expect(page.get_by_text("Relink has nothing on its Home tab yet.")).to_be_hidden()
