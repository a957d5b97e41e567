"""A filled-in form reaches a real Bolt app, and what it answers happens to the form."""

from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.demo.slack.server import SlackDouble
from tests.demo.samples import ENTRIES, NOTE, Body, field, home, modal, note, plain


async def open_form(slack: SlackDouble, client: AsyncWebClient, bolt: AsyncApp, view: Body) -> str:
    """A modal in front of U1, opened through a command; gives its id."""

    @bolt.command("/charger")
    async def open_it(ack: Any, body: Body) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=view)
        await ack()

    await slack.slash("U1", "C1", "report")
    standing = slack.open_view("U1")
    assert standing is not None
    return standing.id


async def test_a_form_brings_its_values_and_closes_on_an_empty_answer(
    slack: SlackDouble, client: AsyncWebClient, bolt: AsyncApp
) -> None:
    heard: list[Body] = []

    @bolt.view("readings")
    async def take(ack: Any, body: Body) -> None:
        heard.append(body)
        await ack()

    choice = {"type": "static_select", "action_id": "c", "options": ENTRIES}
    number = {"type": "number_input", "action_id": "n", "is_decimal_allowed": True}
    view = modal(
        field(number, "volts"),
        field(choice, "what"),
        field({"type": "plain_text_input", "action_id": "t"}, "note", optional=True),
        callback_id="readings",
        private_metadata="I-1",
    )
    view_id = await open_form(slack, client, bolt, view)
    await slack.submit("U1", view_id, {"volts": {"n": "0.5"}, "what": {"c": {"option": "hand"}}})
    (body,) = heard
    assert body["type"] == "view_submission"
    assert (body["view"]["id"], body["view"]["callback_id"]) == (view_id, "readings")
    assert body["view"]["private_metadata"] == "I-1"
    assert body["view"]["state"]["values"] == {
        "volts": {"n": {"type": "number_input", "value": "0.5"}},
        "what": {"c": {"type": "static_select", "selected_option": ENTRIES[1]}},
        "note": {"t": {"type": "plain_text_input", "value": None}},
    }
    assert slack.open_view("U1") is None


async def answer_forms(bolt: AsyncApp, answers: list[Body]) -> None:
    @bolt.view("note")
    async def answer(ack: Any) -> None:
        await ack(**answers.pop(0))


async def test_a_form_may_answer_with_errors_and_then_with_another_form(
    slack: SlackDouble, client: AsyncWebClient, bolt: AsyncApp
) -> None:
    await answer_forms(
        bolt,
        [
            {"response_action": "errors", "errors": {"note": "Say more."}},
            {"response_action": "update", "view": note(title=plain("Again"))},
            {"response_action": "push", "view": note(title=plain("Above"))},
            {},
            {"response_action": "clear"},
        ],
    )
    view_id = await open_form(slack, client, bolt, note())
    titles = []
    for _ in range(5):
        standing = slack.open_view("U1")
        assert standing is not None
        titles.append((standing.body["title"]["text"], standing.id == view_id))
        await slack.submit("U1", standing.id, NOTE)
        if len(titles) == 1:
            assert standing.errors == {"note": "Say more."}
    assert titles == [
        ("Readings", True),
        ("Readings", True),
        ("Again", True),
        ("Above", False),
        ("Again", True),
    ]
    assert slack.open_view("U1") is None


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({"response_action": "errors", "errors": {"nowhere": "x"}}, "nowhere"),
        ({"response_action": "dance"}, "invalid_response_action"),
        ({"response_action": "update", "view": {"type": "modal", "blocks": []}}, "title"),
        ({"response_action": "update", "view": home()}, "must be modal"),
    ],
)
async def test_an_answer_to_a_form_that_slack_would_not_take_shows_on_the_form(
    slack: SlackDouble, client: AsyncWebClient, bolt: AsyncApp, answer: Body, says: str
) -> None:
    await answer_forms(bolt, [answer])
    view_id = await open_form(slack, client, bolt, note())
    await slack.submit("U1", view_id, NOTE)
    standing = slack.open_view("U1")
    assert standing is not None
    assert standing.errors[""].startswith("We had some trouble connecting.")
    assert says in standing.errors[""]


async def test_no_more_than_three_views_stand_above_each_other(
    slack: SlackDouble, client: AsyncWebClient, bolt: AsyncApp
) -> None:
    await answer_forms(bolt, [{"response_action": "push", "view": note()}] * 3)
    await open_form(slack, client, bolt, note())
    shown = []
    for _ in range(3):
        standing = slack.open_view("U1")
        assert standing is not None
        await slack.submit("U1", standing.id, NOTE)
        shown.append(standing.errors)
    assert shown[:2] == [{}, {}]
    assert shown[2][""].endswith("push_limit_reached")


async def test_closing_a_form_is_told_only_where_it_was_asked_for(
    slack: SlackDouble, client: AsyncWebClient, bolt: AsyncApp
) -> None:
    heard: list[str] = []

    @bolt.view_closed("note")
    async def closed(ack: Any, body: Body) -> None:
        heard.append(body["view"]["private_metadata"])
        await ack()

    forms = [note(private_metadata="quiet"), note(private_metadata="told", notify_on_close=True)]

    @bolt.command("/charger")
    async def open_next(ack: Any, body: Body) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=forms.pop(0))
        await ack()

    for _ in range(2):
        await slack.slash("U1", "C1", "report")
        standing = slack.open_view("U1")
        assert standing is not None
        await slack.close_view("U1", standing.id)
    assert heard == ["told"]


async def test_what_a_person_clears_is_empty_and_what_they_leave_keeps_its_start(
    slack: SlackDouble, client: AsyncWebClient, bolt: AsyncApp
) -> None:
    heard: list[Body] = []

    @bolt.view("note")
    async def take(ack: Any, body: Body) -> None:
        heard.append(body["view"]["state"]["values"])
        await ack()

    day = {"type": "datepicker", "action_id": "a", "initial_date": "2026-11-24"}
    text = {"type": "plain_text_input", "action_id": "a", "initial_value": "words"}
    boxes = {"type": "checkboxes", "action_id": "a", "options": ENTRIES, "initial_options": ENTRIES}
    asked: dict[str, Body] = {"day": day, "text": text, "boxes": boxes, "left": text}
    fields = [field(element, block_id, optional=True) for block_id, element in asked.items()]
    view_id = await open_form(slack, client, bolt, modal(*fields, callback_id="note"))
    cleared: dict[str, Body] = {"day": {"a": ""}, "text": {"a": ""}, "boxes": {"a": {"option": []}}}
    await slack.submit("U1", view_id, cleared)
    (values,) = heard
    assert values["day"]["a"]["selected_date"] is None
    assert values["text"]["a"]["value"] is None
    assert values["boxes"]["a"]["selected_options"] == []
    assert values["left"]["a"]["value"] == "words"
