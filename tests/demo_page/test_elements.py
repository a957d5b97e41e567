"""Everything that can be chosen on a card or in a form, from the page through the real Slack double to an app."""

from playwright.async_api import Browser, Page, expect

from tests.demo_page.browser import window
from tests.demo_page.office import an_office
from tests.demo_page.slack_stub import START


async def test_every_choice_on_a_card_arrives_as_slack_sends_it(browser: Browser) -> None:
    async with an_office() as office, window(browser, office.url) as opened:
        page = opened.page
        await page.get_by_label("Choose").select_option("Away")
        assert (await office.chosen())["selected_option"]["value"] == "b"
        people = page.get_by_label("Hand over to")
        await expect(people.get_by_role("option")).to_have_text(
            ["Hand over to", "Support 1", "Support 2", "Tech 1", "Lead"]
        )
        await people.select_option("Tech 1")
        assert await office.chosen() == {"action_id": "who", "selected_user": "U3"}
        await page.get_by_label("Day").fill("2026-12-01")
        assert await office.chosen() == {"action_id": "day", "selected_date": "2026-12-01"}
        await page.get_by_label("Hour").fill("09:30")
        assert await office.chosen() == {"action_id": "hour", "selected_time": "09:30"}
        await page.get_by_label("Date and time").fill("2026-12-01T09:30")
        # 09:30 in Berlin, the zone of the page.
        assert await office.chosen() == {"action_id": "moment", "selected_date_time": 1796113800}
        await page.get_by_role("button", name="More actions").click()
        await page.get_by_role("menuitem", name="Over").click()
        assert (await office.chosen())["selected_option"]["value"] == "over"


async def test_the_clock_shows_site_time_and_goes_to_its_morning(browser: Browser) -> None:
    """The viewer sits in New York, the site is in Berlin: 08:10 UTC is 09:10 there."""
    async with an_office() as office, window(browser, office.url) as opened:
        page = opened.page
        await expect(page.locator("#clock")).to_have_text("09:10:30")
        await expect(page.get_by_text("site time, Europe/Berlin")).to_be_visible()
        await expect(page.get_by_role("article").get_by_role("time")).to_have_text("09:10")
        await page.get_by_role("button", name="to 07:00").click()
        await expect(page.locator("#clock-chip")).to_have_text("07:00")
        assert (office.clock.now().hour, office.clock.now().day) == (6, START.day + 1)


async def fill_in(page: Page) -> None:
    """Everything in the form."""
    form = page.get_by_role("dialog", name="Test session")
    await form.get_by_label("Hand over to").select_option("Support 2")
    await form.get_by_role("group", name="With").get_by_label("Tech 1").check()
    await form.get_by_role("group", name="With").get_by_label("Lead").check()
    await form.get_by_label("Antenna").check()
    await form.get_by_label("Visit").fill("2026-12-01T09:30")
    await form.get_by_role("button", name="Save").click()


async def test_every_choice_in_a_form_arrives_as_slack_sends_it(browser: Browser) -> None:
    async with an_office() as office, window(browser, office.url) as opened:
        await opened.page.get_by_role("button", name="Open the form").click()
        await office.chosen()
        await fill_in(opened.page)
        values = (await office.heard.get())["view"]["state"]["values"]
        await expect(opened.page.get_by_role("dialog")).to_have_count(0)

    assert values["who"]["v"]["selected_user"] == "U2"
    assert values["crew"]["v"]["selected_users"] == ["U3", "U4"]
    assert [one["value"] for one in values["parts"]["v"]["selected_options"]] == ["ant"]
    assert values["when"]["v"]["selected_date_time"] == 1796113800


async def test_a_direct_message_appears_in_the_list_and_rings(browser: Browser) -> None:
    async with an_office() as office, window(browser, office.url) as opened:
        page = opened.page
        await expect(page.get_by_role("heading", name="Direct messages")).to_be_hidden()
        channel = (await office.call("conversations.open", users="U1"))["channel"]["id"]
        await office.call("chat.postMessage", channel=channel, text="Visit at Pier 9?")
        await expect(page.get_by_role("button", name="Relink")).to_have_accessible_name("Relink 1 unread")
        ring = page.get_by_role("region", name="Rings").get_by_role("listitem")
        await expect(ring).to_contain_text("Direct message")
        await ring.get_by_role("button", name="Open").click()
        await expect(page.get_by_role("heading", name="Relink", exact=True)).to_be_visible()
        await expect(page.get_by_role("button", name="Relink", exact=True)).to_have_accessible_name("Relink")
        await page.get_by_role("radio", name="Lead").check()
        await expect(page.get_by_role("heading", name="Direct messages")).to_be_hidden()
