"""Home and direct messages: what is for one person alone is found, pressed and heard, with the keyboard too."""

from playwright.async_api import Browser, Page, expect

from bot.demo.player import Play
from tests.demo_page.browser import PHONE, window
from tests.demo_page.cards import button, modal, section
from tests.demo_page.checks import check
from tests.demo_page.office import Office, an_office
from tests.demo_page.slack_stub import Json, SlackStub, said, served, stamp

VISIT: list[Json] = [
    section("*A visit for you. Can you go?*"),
    {
        "type": "actions",
        "elements": [button("Accept", "accept", style="primary"), button("Cannot", "cannot")],
    },
]
LONG = [section(f"line {number}\nand more of it", block_id=f"l{number}") for number in range(20)]


def home(*blocks: Json) -> Json:
    """A Home tab with these blocks."""
    return {"id": "VH", "type": "home", "blocks": list(blocks)}


async def walk_to(page: Page, name: str) -> None:
    """Press Tab until the button with this name has the focus."""
    goal = page.get_by_role("button", name=name, exact=True)
    for _ in range(40):
        if await goal.evaluate("element => element === document.activeElement"):
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {name}")


async def direct_message(office: Office, **more: object) -> Json:
    """The app writes to Support 1 alone."""
    channel = (await office.call("conversations.open", users="U1"))["channel"]["id"]
    return await office.call("chat.postMessage", channel=channel, text="A visit for you.", **more)


async def test_a_home_that_nobody_furnished_says_so_and_leads_back(browser: Browser) -> None:
    async with served(SlackStub(messages=[said("hello")])) as demo, window(browser, demo.url) as opened:
        page = opened.page
        await page.get_by_role("button", name="Home").click()
        await expect(page.get_by_role("heading", name="This Home is not furnished yet")).to_be_visible()
        await expect(page.get_by_role("button", name="Home")).to_have_attribute("aria-current", "page")
        await expect(page.get_by_role("textbox")).to_have_count(0)
        await check(page)
        await page.get_by_role("button", name="To the channel").click()
        await expect(page.get_by_text("hello", exact=True)).to_be_visible()
    assert demo.slack.sent == [("home", {"user": "U1"})]


async def test_a_home_shows_its_beginning_and_its_buttons_act_in_it(browser: Browser) -> None:
    stub = SlackStub(messages=[said("hello")], home=home(*VISIT, *LONG))
    async with served(stub) as demo, window(browser, demo.url, size=PHONE) as opened:
        page = opened.page
        await page.get_by_role("button", name="Home").click()
        await expect(page.get_by_text("A visit for you. Can you go?")).to_be_in_viewport()
        await expect(page.get_by_role("heading", name="This Home is not furnished yet")).to_be_hidden()
        await check(page)
        async with page.expect_response("**/demo/click"):
            await page.get_by_role("button", name="Accept").click()
        assert demo.slack.sent[-1][0] == "click"
        assert demo.slack.sent[-1][1]["view_id"] == "VH"
        stub.home = home(section("*Nothing needs you*"))
        await stub.changed()
        await expect(page.get_by_text("Nothing needs you")).to_be_visible()


async def test_the_app_hears_of_each_opening_and_its_home_is_each_persons_own(browser: Browser) -> None:
    async with an_office() as office, window(browser, office.url) as opened:
        page = opened.page
        await page.get_by_role("button", name="Home").click()
        event = await office.heard.get()
        assert (event["type"], event["user"], event["tab"]) == ("app_home_opened", "U1", "home")
        view = {"type": "home", "blocks": [section("*Yours, Support 1*")]}
        await office.call("views.publish", user_id="U1", view=view)
        await expect(page.get_by_text("Yours, Support 1")).to_be_visible()
        await page.get_by_role("radio", name="Lead").check()
        assert (await office.heard.get())["user"] == "U4"
        await expect(page.get_by_role("heading", name="This Home is not furnished yet")).to_be_visible()
        await expect(page.get_by_text("Yours, Support 1")).to_have_count(0)


async def test_a_direct_message_is_answered_with_the_keyboard_alone(browser: Browser) -> None:
    async with an_office() as office, window(browser, office.url) as opened:
        page = opened.page
        message = await direct_message(office, blocks=VISIT)
        await expect(page.get_by_role("button", name="Relink 1 unread")).to_be_visible()
        await walk_to(page, "Relink 1 unread")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="Relink", exact=True)).to_be_visible()
        await walk_to(page, "Accept")
        await page.keyboard.press("Enter")
        heard = await office.heard.get()

    assert heard["actions"][0]["action_id"] == "accept"
    assert (heard["channel"]["id"], heard["message"]["ts"]) == (message["channel"], message["ts"])


async def test_what_is_new_in_an_open_direct_message_is_read_out_and_an_edit_rings_nobody(
    browser: Browser,
) -> None:
    async with an_office() as office, window(browser, office.url) as opened:
        page = opened.page
        rings = page.get_by_role("region", name="Rings").get_by_role("listitem")
        message = await direct_message(office, blocks=VISIT)
        await rings.get_by_role("button", name="Open").click()
        await expect(rings).to_have_count(0)
        edited = {"channel": message["channel"], "ts": message["ts"], "text": "Your visit.", "blocks": []}
        await office.call("chat.update", **edited)
        await expect(page.get_by_text("Your visit.")).to_be_visible()
        await expect(page.locator("#announcer")).to_be_empty()
        await expect(rings).to_have_count(0)
        await office.call("chat.postMessage", channel=message["channel"], text="It is back, do not drive.")
        await expect(page.locator("#announcer")).to_have_text("Relink: It is back, do not drive.")
        await expect(rings).to_contain_text("do not drive")
        await expect(page.locator("#announcer")).to_have_attribute("aria-live", "polite")


async def test_a_ring_covers_nothing_and_opens_a_high_card_at_its_beginning(browser: Browser) -> None:
    card = said("card", section("*Your visit*"), *LONG, minutes=-2)
    stub = SlackStub(messages=[said("hello")], directs=[card])
    async with served(stub) as demo, window(browser, demo.url, size=PHONE) as opened:
        page = opened.page
        await expect(page.get_by_text("hello", exact=True)).to_be_visible()
        stub.toasts = [{"id": 1, "text": "A visit for you.", "channel": "D1", "ts": stamp(-2)}]
        await stub.changed()
        ring = page.get_by_role("region", name="Rings").get_by_role("listitem")
        await expect(ring).to_contain_text("Direct message")
        box, room = await ring.bounding_box(), await page.locator("#scroller").bounding_box()
        assert box is not None
        assert room is not None
        assert box["y"] + box["height"] <= room["y"]
        await ring.get_by_role("button", name="Open").click()
        await expect(page.get_by_text("Your visit", exact=True)).to_be_in_viewport()
        await expect(page.get_by_text("line 19")).not_to_be_in_viewport()


async def test_a_button_with_an_address_opens_it_in_a_new_tab_and_still_tells_the_app(
    browser: Browser,
) -> None:
    async with an_office() as office, window(browser, office.url) as opened:
        page = opened.page
        address = f"{office.url}demo/portal-pages/CT4G-20117"
        portal = button("Open portal", "portal", url=address)
        await direct_message(office, blocks=[{"type": "actions", "elements": [portal]}])
        await page.get_by_role("button", name="Relink 1 unread").click()
        async with page.context.expect_page() as tabs:
            await page.get_by_role("button", name="Open portal").click()
        tab = await tabs.value
        await expect(tab.get_by_role("heading", name="CT4G-20117")).to_be_visible()
        await check_reading(tab)
        assert (await office.heard.get())["actions"][0]["action_id"] == "portal"
        await expect(page.get_by_role("heading", name="Relink", exact=True)).to_be_visible()


async def check_reading(page: Page) -> None:
    """A page without controls is read on a phone too."""
    await page.set_viewport_size(PHONE)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_a_story_looks_into_a_direct_message_as_its_reader_and_shows_where_it_begins(
    browser: Browser,
) -> None:
    card = said("card", section("*Your visit*"), *LONG, minutes=-2)
    stub = SlackStub(messages=[said("hello")], directs=[card])
    async with served(stub) as demo, window(browser, demo.url) as opened:
        page = opened.page
        await expect(page.get_by_text("hello", exact=True)).to_be_visible()
        looking = {"channel": "D1", "ts": card["ts"]}
        demo.stage.play = Play("not-delivered", "CT4G-20117", says="Rung.", who="U3", looking=looking)
        await page.reload()
        await expect(page.get_by_role("radio", name="Tech 1")).to_be_checked()
        await expect(page.get_by_role("heading", name="Relink", exact=True)).to_be_visible()
        await expect(page.get_by_text("Your visit", exact=True)).to_be_in_viewport()


async def test_a_form_sent_from_a_direct_message_brings_the_focus_back_to_its_button(
    browser: Browser,
) -> None:
    stub = SlackStub(messages=[said("hello")], directs=[said("card", *VISIT, minutes=-2)])
    async with served(stub) as demo, window(browser, demo.url) as opened:
        page = opened.page
        await page.get_by_role("button", name="Relink 1 unread").click()
        accept = page.get_by_role("button", name="Accept")
        await accept.focus()
        stub.view = modal(section("*When?*"))
        await stub.changed()
        await expect(page.get_by_role("dialog")).to_be_visible()
        stub.view = None
        await page.keyboard.press("Escape")
        await expect(accept).to_be_focused()
        assert demo.slack.sent == [("close", {"user": "U1", "view_id": "V1"})]
