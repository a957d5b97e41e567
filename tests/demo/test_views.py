"""Modals and the Home tab: shapes, sizes, triggers used once and in time, hashes."""

from collections.abc import Callable
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.demo.slack.fields import CannotDo
from bot.demo.slack.server import SlackDouble
from bot.messages import limits
from tests.demo.conftest import RealTime, sent_to_app
from tests.demo.samples import TYPED, Body, field, home, modal, plain


@pytest.fixture
async def triggers(slack: SlackDouble, bolt: AsyncApp) -> list[str]:
    """Trigger ids the app got by slash commands, as many as a test asks for with `slash`."""
    got: list[str] = []

    @bolt.command("/charger")
    async def remember(ack: Any, body: Body) -> None:
        got.append(body["trigger_id"])
        await ack()

    await slack.slash("U1", "C1", "help")
    return got


async def opened(client: AsyncWebClient, slack: SlackDouble, triggers: list[str], view: Body) -> Any:
    await slack.slash("U1", "C1", "help")
    return await client.views_open(trigger_id=triggers[-1], view=view)


async def test_a_trigger_opens_one_modal_within_three_seconds(
    slack: SlackDouble, client: AsyncWebClient, triggers: list[str], real_time: RealTime
) -> None:
    real_time.move(limits.TRIGGER_SECONDS)
    await client.views_open(trigger_id=triggers[0], view=modal())
    with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
        await client.views_open(trigger_id=triggers[0], view=modal())
    await slack.slash("U1", "C1", "help")
    real_time.move(limits.TRIGGER_SECONDS + 0.1)
    with pytest.raises(SlackApiError, match="expired_trigger_id"):
        await client.views_open(trigger_id=triggers[1], view=modal())
    with pytest.raises(SlackApiError, match="invalid_trigger_id"):
        await client.views_open(trigger_id="made-up", view=modal())


AT_MOST: dict[str, tuple[int, Callable[[int], Body]]] = {
    "title": (limits.VIEW_TITLE, lambda n: modal(title=plain("x" * n))),
    "submit": (limits.VIEW_SUBMIT, lambda n: modal(submit=plain("x" * n))),
    "close": (limits.VIEW_CLOSE, lambda n: modal(close=plain("x" * n))),
    "private metadata": (limits.VIEW_PRIVATE_METADATA, lambda n: modal(private_metadata="x" * n)),
    "callback id": (limits.VIEW_CALLBACK_ID, lambda n: modal(callback_id="x" * n)),
    "external id": (limits.VIEW_EXTERNAL_ID, lambda n: modal(external_id="x" * n)),
    "blocks": (limits.VIEW_BLOCKS, lambda n: modal(*[{"type": "divider"}] * n)),
    "label": (limits.INPUT_LABEL, lambda n: modal(field(TYPED) | {"label": plain("x" * n)})),
    "hint": (limits.INPUT_HINT, lambda n: modal(field(TYPED, hint=plain("x" * n)))),
    "initial value": (limits.INPUT_TEXT, lambda n: modal(field(TYPED | {"initial_value": "x" * n}))),
}


@pytest.mark.parametrize("name", AT_MOST)
async def test_a_view_at_its_limit_is_taken_and_one_more_is_refused(
    slack: SlackDouble, client: AsyncWebClient, triggers: list[str], name: str
) -> None:
    most, make = AT_MOST[name]
    with pytest.raises(SlackApiError) as wrong:
        await client.views_open(trigger_id=triggers[0], view=make(most + 1))
    assert wrong.value.response["error"] == "invalid_arguments"
    assert "json-pointer:/view/" in wrong.value.response["response_metadata"]["messages"][0]
    # A view that is refused does not spend the trigger.
    assert (await client.views_open(trigger_id=triggers[0], view=make(most)))["ok"]


NO_SUBMIT = {name: value for name, value in modal().items() if name != "submit"}
WRONG = {
    "inputs without a submit button": (NO_SUBMIT, "missing required field: submit"),
    "a modal without a title": (
        {"type": "modal", "blocks": []},
        "missing required field: title",
    ),
    "a title in mrkdwn": (modal(title={"type": "mrkdwn", "text": "x"}), "unsupported type: mrkdwn"),
    "a Home tab as a modal": (home(), "must be modal [json-pointer:/view/type]"),
    "an unknown field": (modal(width="large"), "invalid additional property: width"),
    "an unknown block": (modal({"type": "alert"}), "[json-pointer:/view/blocks/0/type]"),
    "a button as an input": (
        modal(field({"type": "button", "text": plain("x"), "action_id": "a"})),
        "unsupported type: button",
    ),
    "a number field that says nothing of decimals": (
        modal(field({"type": "number_input", "action_id": "a"})),
        "missing required field: is_decimal_allowed",
    ),
    "the same block id twice": (modal(field(TYPED), field(TYPED)), "`block_id` already exists: f"),
}


@pytest.mark.parametrize("name", WRONG)
async def test_a_view_of_the_wrong_shape_is_refused(
    client: AsyncWebClient, triggers: list[str], name: str
) -> None:
    view, sentence = WRONG[name]
    with pytest.raises(SlackApiError) as wrong:
        await client.views_open(trigger_id=triggers[0], view=view)
    problems = wrong.value.response["response_metadata"]["messages"]
    assert any(sentence in problem for problem in problems), problems


async def test_a_view_has_a_size_in_bytes_too(client: AsyncWebClient, triggers: list[str]) -> None:
    text = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * limits.SECTION_TEXT}}
    with pytest.raises(SlackApiError, match="view_too_large"):
        await client.views_open(trigger_id=triggers[0], view=modal(*[text] * 90))


async def test_a_view_is_updated_while_it_stands_and_nobody_was_faster(
    slack: SlackDouble, client: AsyncWebClient, triggers: list[str]
) -> None:
    first = (await opened(client, slack, triggers, modal()))["view"]
    await client.views_update(view_id=first["id"], hash=first["hash"], view=modal(title=plain("Second")))
    view = slack.open_view("U1")
    assert view is not None
    assert view.body["title"]["text"] == "Second"
    with pytest.raises(SlackApiError, match="hash_conflict"):
        await client.views_update(view_id=first["id"], hash=first["hash"], view=modal())
    await slack.close_view("U1", first["id"])
    with pytest.raises(SlackApiError, match="not_found"):
        await client.views_update(view_id=first["id"], view=modal())


async def test_an_external_id_belongs_to_one_view(
    slack: SlackDouble, client: AsyncWebClient, triggers: list[str]
) -> None:
    await opened(client, slack, triggers, modal(external_id="mine"))
    with pytest.raises(SlackApiError, match="duplicate_external_id"):
        await client.views_publish(user_id="U2", view=home(external_id="mine"))
    answer = await client.views_update(external_id="mine", view=modal(title=plain("By its name")))
    assert answer["view"]["title"]["text"] == "By its name"


async def test_the_home_tab_is_published_whole_for_one_person(
    slack: SlackDouble, client: AsyncWebClient
) -> None:
    first = await client.views_publish(user_id="U1", view=home({"type": "divider"}))
    assert slack.home("U2") is None
    await client.views_publish(user_id="U1", view=home(), hash=first["view"]["hash"])
    view = slack.home("U1")
    assert view is not None
    assert view.body["blocks"] == []
    with pytest.raises(SlackApiError, match="hash_conflict"):
        await client.views_publish(user_id="U1", view=home(), hash=first["view"]["hash"])
    with pytest.raises(SlackApiError, match="invalid additional property: submit"):
        await client.views_publish(user_id="U1", view=home(submit=plain("Send")))
    with pytest.raises(SlackApiError, match="user_not_found"):
        await client.views_publish(user_id="U9", view=home())


HOME_AT_MOST: dict[str, tuple[int, Callable[[int], Body]]] = {
    "private metadata": (limits.VIEW_PRIVATE_METADATA, lambda n: home(private_metadata="x" * n)),
    "callback id": (limits.VIEW_CALLBACK_ID, lambda n: home(callback_id="x" * n)),
    "blocks": (limits.VIEW_BLOCKS, lambda n: home(*[{"type": "divider"}] * n)),
}


@pytest.mark.parametrize("name", HOME_AT_MOST)
async def test_a_home_tab_at_its_limit_is_taken_and_one_more_is_refused(
    slack: SlackDouble, client: AsyncWebClient, name: str
) -> None:
    most, make = HOME_AT_MOST[name]
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        await client.views_publish(user_id="U1", view=make(most + 1))
    assert slack.home("U1") is None
    assert (await client.views_publish(user_id="U1", view=make(most)))["ok"]


NUMBER = {"type": "number_input", "action_id": "a", "is_decimal_allowed": False, "min_value": "0"}
CHOICE = {
    "type": "static_select",
    "action_id": "a",
    "options": [{"text": plain("Dark"), "value": "dark"}, {"text": plain("Lit"), "value": "lit"}],
}


REFUSED_BY_THE_CLIENT: dict[str, tuple[Body, object, str]] = {
    "nothing": (TYPED, "", "Please fill in this field."),
    "too short": (TYPED | {"min_length": 3}, "ab", "3 to 3000 characters, please."),
    "a word for a number": (NUMBER, "much", "A number, please."),
    "a decimal for a whole number": (NUMBER, "1.5", "A number, please."),
    "too small": (NUMBER, "-1", "At least 0, please."),
    "too great": (NUMBER | {"max_value": "9"}, "10", "At most 9, please."),
    "an option that is not there": (CHOICE, {"option": "grey"}, "There is no option grey."),
}


@pytest.mark.parametrize("name", REFUSED_BY_THE_CLIENT)
async def test_the_client_itself_refuses_what_does_not_fit_a_field(
    slack: SlackDouble, client: AsyncWebClient, triggers: list[str], name: str
) -> None:
    element, typed, sentence = REFUSED_BY_THE_CLIENT[name]
    view = (await opened(client, slack, triggers, modal(field(element))))["view"]
    before = len(sent_to_app(slack))
    assert await slack.submit("U1", view["id"], {"f": {"a": typed}}) is None
    standing = slack.open_view("U1")
    assert standing is not None
    assert standing.errors == {"f": sentence}
    assert len(sent_to_app(slack)) == before


async def test_nobody_sends_a_form_that_is_gone_or_fills_in_a_field_it_does_not_have(
    slack: SlackDouble, client: AsyncWebClient, triggers: list[str]
) -> None:
    view = (await opened(client, slack, triggers, modal()))["view"]
    with pytest.raises(CannotDo, match="no field"):
        await slack.submit("U1", view["id"], {"f": {"other": "x"}})
    with pytest.raises(CannotDo, match="no longer open"):
        await slack.submit("U2", view["id"], {"f": {"a": "x"}})
    await slack.close_view("U1", view["id"])
    with pytest.raises(CannotDo, match="no longer open"):
        await slack.submit("U1", view["id"], {"f": {"a": "x"}})
