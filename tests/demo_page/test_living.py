"""The page while the world changes under it: nothing a person holds is lost, what is new is told."""

from playwright.async_api import Browser, expect

from tests.demo_page.browser import PHONE, window
from tests.demo_page.cards import ACTIONS, button, section
from tests.demo_page.slack_stub import Json, SlackStub, said, served, stamp

HEIGHT_ON_SCREEN = "element => element.getBoundingClientRect().top"


async def test_a_change_takes_neither_focus_nor_text_nor_an_open_menu(browser: Browser) -> None:
    stub = SlackStub(messages=[said("card", section("*Before*"), ACTIONS)])
    async with served(stub) as demo, window(browser, demo.url) as opened:
        page = opened.page
        take = page.get_by_role("button", name="Take")
        await page.get_by_role("textbox", name="Message").fill("half a sen")
        await page.get_by_role("button", name="More actions").click()
        await expect(page.get_by_role("menuitem", name="Add note")).to_be_focused()

        stub.messages = [said("card", section("*After*"), {**ACTIONS, "block_id": "new"})]
        await stub.changed()
        await expect(page.get_by_text("After", exact=True)).to_be_visible()
        await expect(page.get_by_role("menuitem", name="Add note")).to_be_focused()
        await expect(page.get_by_role("textbox", name="Message")).to_have_value("half a sen")
        await page.keyboard.press("Escape")
        await take.focus()

        rebuilt = {"type": "actions", "block_id": "newer", "elements": [button("Take", "take")]}
        stub.messages = [said("card", section("*Later*"), rebuilt)]
        await stub.changed()
        await expect(page.get_by_text("Later", exact=True)).to_be_visible()
        await expect(take).to_be_focused()
        async with page.expect_response("**/demo/click"):
            await take.click()
        assert stub.sent[0][1]["block_id"] == "newer"

        stub.messages = [said("card", section("*Done*"))]
        await stub.changed()
        await expect(page.get_by_role("article")).to_be_focused()


async def test_who_reads_old_messages_is_not_carried_away_and_who_is_at_the_end_stays(
    browser: Browser,
) -> None:
    stub = SlackStub(messages=[said(f"line {n}", minutes=n - 90) for n in range(60)])
    async with served(stub) as demo, window(browser, demo.url) as opened:
        page = opened.page
        await expect(page.get_by_text("line 59")).to_be_in_viewport()
        stub.messages.append(said("news"))
        await stub.changed()
        await expect(page.get_by_text("news", exact=True)).to_be_in_viewport()

        await page.get_by_text("line 5", exact=True).scroll_into_view_if_needed()
        stub.messages.append(said("more news", minutes=1))
        await stub.changed()
        await expect(page.get_by_text("more news", exact=True)).to_be_attached()
        await expect(page.get_by_text("line 5", exact=True)).to_be_in_viewport()

        line = page.get_by_text("line 5", exact=True)
        before = await line.evaluate(HEIGHT_ON_SCREEN)
        stub.messages[0] = said("grew\n" * 9, minutes=-90)
        await stub.changed()
        await expect(page.get_by_text("grew")).to_be_attached()
        assert abs(await line.evaluate(HEIGHT_ON_SCREEN) - before) < 1


async def test_new_messages_are_read_out_and_edits_are_not(browser: Browser) -> None:
    stub = SlackStub(messages=[said("first")])
    async with served(stub) as demo, window(browser, demo.url) as opened:
        page = opened.page
        await expect(page.get_by_text("first", exact=True)).to_be_visible()
        stub.messages = [said("first, edited")]
        await stub.changed()
        await expect(page.get_by_text("first, edited")).to_be_visible()
        await expect(page.locator("#announcer")).to_be_empty()
        stub.messages.append(said("*second* &amp; <@U3>", minutes=1))
        await stub.changed()
        await expect(page.locator("#announcer")).to_have_text("Relink: second & @Tech 1")


async def test_a_ring_shows_until_it_is_opened_and_nothing_shows_where_nothing_rang(browser: Browser) -> None:
    parent = said("card", section("*Card*"), minutes=-2, reply_count=1)
    parent["thread"] = [said("Restart it?", minutes=-1, thread_ts=parent["ts"])]
    stub = SlackStub(messages=[parent])
    async with served(stub) as demo, window(browser, demo.url, size=PHONE) as opened:
        page = opened.page
        rings = page.get_by_role("region", name="Rings").get_by_role("listitem")
        await expect(page.get_by_text("Card", exact=True)).to_be_visible()
        await expect(rings).to_have_count(0)
        stub.toasts = [{"id": 1, "text": "<!subteam^S1> Restart it?", "channel": "C1", "ts": stamp(-1)}]
        await stub.changed()
        await expect(rings).to_contain_text("@support Restart it?")
        await rings.get_by_role("button", name="Open").click()
        await expect(rings).to_have_count(0)
        thread = page.get_by_role("region", name="Thread #")
        await expect(thread.get_by_role("article").last).to_be_focused()
        stub.toasts.append({"id": 2, "text": "Again.", "channel": "C1", "ts": stamp(-1)})
        await stub.changed()
        await expect(rings).to_contain_text("Again.")
        await page.get_by_role("button", name="Close the thread").click()
        await expect(page.get_by_role("button", name="1 reply")).to_be_focused()
        await page.get_by_role("button", name="1 reply").click()
        await expect(rings).to_have_count(0)


async def test_only_the_person_sees_an_answer_and_can_dismiss_it(browser: Browser) -> None:
    answer: Json = {"id": "e1", "text": "Support 2 was first.", "blocks": [], "thread_ts": None}
    stub = SlackStub(messages=[said("hello")], ephemerals=[answer])
    async with served(stub) as demo, window(browser, demo.url) as opened:
        page = opened.page
        shown = page.get_by_role("article", name="Only visible to you")
        await expect(shown).to_contain_text("Support 2 was first.")
        await shown.get_by_role("button", name="Dismiss").click()
        await expect(shown).to_have_count(0)


async def test_another_person_is_looked_at_and_what_they_have_not_read_is_marked(browser: Browser) -> None:
    stub = SlackStub(messages=[said("hello")])
    async with served(stub) as demo, window(browser, demo.url) as opened:
        page = opened.page
        channel = page.get_by_role("button", name="charger-alerts").first
        await page.get_by_role("button", name="Relink", exact=True).click()
        stub.messages.append(said("again", minutes=1))
        await stub.changed()
        await expect(channel).to_have_accessible_name("# charger-alerts 1 unread")
        await page.get_by_role("radio", name="Lead").check()
        await expect(channel).to_have_accessible_name("# charger-alerts 2 unread")
        await channel.click()
        await expect(page.get_by_text("again", exact=True)).to_be_visible()
        await expect(channel).to_have_accessible_name("# charger-alerts")


async def test_clock_and_stations_are_moved_from_the_panel(browser: Browser) -> None:
    stub = SlackStub(messages=[said("since <!date^1795507230^{ago}|then>")])
    async with served(stub) as demo, window(browser, demo.url) as opened:
        page = opened.page
        await expect(page.get_by_text("since 10 minutes ago")).to_be_visible()
        await page.get_by_role("button", name="Move the clock on by 30 min").click()
        await expect(page.get_by_text("since 40 minutes ago")).to_be_visible()
        await page.get_by_role("button", name="Move the clock on to 07:00").click()
        await expect(page.locator("#clock-chip")).to_have_text("07:00")

        await page.get_by_role("tab", name="Stations").click()
        row = page.get_by_role("row", name="CT4G-20117")
        await expect(row).to_contain_text("Online")
        await row.get_by_role("button", name="Break").click()
        await page.get_by_role("menuitem", name="Modem hang").click()
        await expect(row).to_contain_text("No contact")
        assert demo.fleet.faults["CT4G-20117"] == "modem hang"
        await expect(row).to_contain_text("Watches until minute 30, then rings support.")
        await row.get_by_role("button", name="Mend").click()
        await expect(row).to_contain_text("Online")
