"""What a person does on the page arrives at the Slack side as the contract says."""

from playwright.async_api import Browser, expect

from tests.demo_page.browser import window
from tests.demo_page.cards import ACTIONS, button, field, modal, option, section
from tests.demo_page.slack_stub import SlackStub, said, served, stamp

WHERE = {"user": "U1", "channel": "C1", "ts": stamp(), "block_id": "acts"}
YES_NO = [option("Yes", "yes"), option("No", "no", description={"type": "plain_text", "text": "or not sure"})]

FORM = modal(
    section("What did you see at *CT4G-20117*?"),
    field("card", "Card accepted?", "radio_buttons", options=YES_NO),
    field("kwh", "Energy, kWh", "number_input", is_decimal_allowed=True, min_value="0"),
    field("note", "Notes", "plain_text_input", multiline=True, optional=True),
    field("fix", "Fix", "static_select", options=[option("SIM reseat", "sim"), option("None", "none")]),
    field(
        "seen", "Seen", "checkboxes", options=[option("Display lit", "lit"), option("Cable fine", "cable")]
    ),
    field("day", "Day", "datepicker", initial_date="2026-11-24"),
    field("at", "At", "timepicker"),
    field("back", "Back online", "datetimepicker", initial_date_time=1795507800),
)


async def test_buttons_menus_and_selects_say_what_was_chosen(browser: Browser) -> None:
    async with (
        served(SlackStub(messages=[said("card", section("*Card*"), ACTIONS)])) as demo,
        window(browser, demo.url) as opened,
    ):
        page, sent = opened.page, demo.slack.sent
        await page.get_by_role("button", name="Restart station").click()
        await page.get_by_role("button", name="Keep running").click()
        assert sent == []
        await page.get_by_role("button", name="Restart station").click()
        async with page.expect_response("**/demo/click"):
            await page.get_by_role("dialog").get_by_role("button", name="Restart", exact=True).click()
        await page.get_by_role("button", name="More actions").click()
        await page.keyboard.press("ArrowDown")
        async with page.expect_response("**/demo/click"):
            await page.keyboard.press("Enter")
        async with page.expect_response("**/demo/click"):
            await page.get_by_role("combobox", name="Why?").select_option("Away")
        async with page.expect_response("**/demo/click"):
            await page.get_by_label("Day of the visit").fill("2026-12-01")

    assert sent == [
        ("click", {**WHERE, "action_id": "restart", "value": "RESTART"}),
        ("click", {**WHERE, "action_id": "more", "option": "over"}),
        ("click", {**WHERE, "action_id": "reason", "option": "b"}),
        ("click", {**WHERE, "action_id": "day", "option": "2026-12-01"}),
    ]


async def test_a_refused_click_is_told_in_its_own_words(browser: Browser) -> None:
    stub = SlackStub(messages=[said("card", section("*Card*"), ACTIONS)])
    stub.answer = {"ok": False, "error": "Support 2 was first."}
    async with served(stub) as demo, window(browser, demo.url) as opened:
        await opened.page.get_by_role("button", name="Take").click()
        await expect(opened.page.get_by_role("alert").get_by_text("Support 2 was first.")).to_be_visible()


async def test_a_form_sends_every_kind_of_field(browser: Browser) -> None:
    async with served(SlackStub(view=FORM)) as demo, window(browser, demo.url) as opened:
        form = opened.page.get_by_role("dialog", name="Test session")
        await form.get_by_label("Yes").check()
        await form.get_by_label("Energy, kWh").fill("2.5")
        await form.get_by_label("Notes").fill("two\nlines")
        await form.get_by_label("Fix").select_option("SIM reseat")
        await form.get_by_label("Cable fine").check()
        await form.get_by_label("At", exact=True).fill("09:30")
        async with opened.page.expect_response("**/demo/submit"):
            await form.get_by_role("button", name="Save").click()

    assert demo.slack.sent == [
        (
            "submit",
            {
                "user": "U1",
                "view_id": "V1",
                "values": {
                    "card": {"v": {"option": "yes"}},
                    "kwh": {"v": "2.5"},
                    "note": {"v": "two\nlines"},
                    "fix": {"v": {"option": "sim"}},
                    "seen": {"v": {"option": ["cable"]}},
                    "day": {"v": "2026-11-24"},
                    "at": {"v": "09:30"},
                    "back": {"v": 1795507800},
                },
            },
        )
    ]


async def test_errors_stand_under_their_fields_and_nothing_typed_is_lost(browser: Browser) -> None:
    form = modal(field("kwh", "Energy", "number_input"), field("note", "Notes", "plain_text_input"))
    async with served(SlackStub(view=form)) as demo, window(browser, demo.url) as opened:
        dialog = opened.page.get_by_role("dialog")
        save = dialog.get_by_role("button", name="Save")
        energy, notes = dialog.get_by_label("Energy"), dialog.get_by_label("Notes")
        await expect(energy).to_be_focused()
        await energy.fill("much")
        await save.click()
        await expect(energy).to_have_accessible_description("Please enter a whole number.")
        await expect(notes).to_have_accessible_description("Please fill this in.")
        assert demo.slack.sent == []

        await energy.fill("1")
        await notes.fill("kept")
        demo.slack.view_errors = {"kwh": "One is too little.", "": "Try again."}
        await save.click()
        await expect(energy).to_have_accessible_description("One is too little.")
        await expect(energy).to_be_focused()
        await expect(notes).to_have_accessible_description("")
        await expect(dialog.get_by_role("alert")).to_have_text("Try again.")
        await expect(notes).to_have_value("kept")

        renamed = field("note", "Notes, please", "plain_text_input")
        demo.slack.view = modal(field("kwh", "Energy", "number_input"), renamed)
        await demo.slack.changed()
        await expect(dialog.get_by_label("Notes, please")).to_have_value("kept")


async def test_a_modal_keeps_the_focus_inside_and_escape_closes_it(browser: Browser) -> None:
    stub = SlackStub(messages=[said("card", section("*Card*"), ACTIONS)])
    async with served(stub) as demo, window(browser, demo.url) as opened:
        page = opened.page
        take = page.get_by_role("button", name="Take")
        await take.focus()
        demo.slack.view = modal(field("note", "Notes", "plain_text_input"))
        await demo.slack.changed()
        dialog = page.get_by_role("dialog")
        await expect(dialog.get_by_label("Notes")).to_be_focused()
        for name in ("Not now", "Save"):
            await page.keyboard.press("Tab")
            await expect(dialog.get_by_role("button", name=name)).to_be_focused()
        await page.keyboard.press("Tab")
        await expect(dialog.get_by_label("Notes")).to_be_focused()
        await page.keyboard.press("Shift+Tab")
        await expect(dialog.get_by_role("button", name="Save")).to_be_focused()

        changed = {**ACTIONS, "elements": [button("Take", "take"), button("Skip", "skip")]}
        demo.slack.messages = [said("card", section("*Edited meanwhile*"), changed)]
        await demo.slack.changed()
        await expect(page.get_by_text("Edited meanwhile")).to_be_visible()
        demo.slack.view = None
        await page.keyboard.press("Escape")
        await expect(dialog).to_have_count(0)
        await expect(take).to_be_focused()
    assert demo.slack.sent == [("close", {"user": "U1", "view_id": "V1"})]


async def test_the_composer_sends_messages_commands_and_replies(browser: Browser) -> None:
    async with served(SlackStub(messages=[said("hello")])) as demo, window(browser, demo.url) as opened:
        page = opened.page
        field_here = page.get_by_role("textbox", name="Message #charger-alerts")
        await page.get_by_role("button", name="Write /charger").click()
        await page.get_by_role("button", name="/charger status CT4G-20117").click()
        await page.keyboard.press("Enter")
        await expect(field_here).to_have_value("")
        await field_here.fill("one")
        await page.keyboard.press("Shift+Enter")
        await page.keyboard.type("two")
        await page.keyboard.press("Enter")
        await expect(field_here).to_have_value("")
        await page.get_by_role("button", name="Reply").click()
        await page.get_by_role("textbox", name="Reply in this thread").fill("three")
        demo.slack.answer = {"ok": False, "error": "This thread is gone."}
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert").get_by_text("This thread is gone.")).to_be_visible()
        await expect(page.get_by_role("textbox", name="Reply in this thread")).to_have_value("three")

    here = {"user": "U1", "channel": "C1"}
    assert demo.slack.sent == [
        ("send", {**here, "text": "/charger status CT4G-20117"}),
        ("send", {**here, "text": "one\ntwo"}),
        ("send", {**here, "text": "three", "thread_ts": stamp()}),
    ]
