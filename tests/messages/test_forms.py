"""Modals of the runbook's forms, and what comes back typed into them."""

from typing import Any

import pytest

from bot.demo.slack.views_check import check_view
from bot.errors import FieldsWrong, Refused
from bot.messages import forms
from bot.messages.limits import VIEW_PRIVATE_METADATA
from bot.runbook.model import Field, Form, Option
from tests.incidents.desk import RULES

MENU = (forms.NOTE_FORM, forms.HELP_FORM, forms.HAND_OVER_FORM)
ALL = {**RULES.runbook.forms, **{form.id: form for form in MENU}}
YES_NO = (Option("yes", "Yes"), Option("no", "No"))


def a_form(*fields: Field) -> Form:
    """A form with these fields."""
    return Form("f", "Form", "Save", fields)


def typed(**values: Any) -> dict[str, Any]:
    """The state of a view with these values typed, or chosen with `option`."""
    return {
        name.replace("_", "-"): {"value": value if isinstance(value, dict) else {"value": value}}
        for name, value in values.items()
    }


def option(value: str) -> dict[str, Any]:
    """What a list or a row of buttons comes back with."""
    return {"type": "radio_buttons", "selected_option": {"value": value, "text": {"text": value}}}


@pytest.mark.parametrize("form", ALL.values(), ids=lambda form: form.id)
@pytest.mark.parametrize("suggested", [{}, {"fix": "modem power cycle"}, {"fix": "x" * 5_000}])
def test_every_form_is_a_modal_slack_takes(form: Form, suggested: dict[str, str]) -> None:
    view = forms.modal(form, forms.FORM + form.id, "9" * 12 + ":" + "9" * 9 + ":" + "c" * 60, suggested)
    assert check_view(view, path="/view").found == []
    assert len(view["private_metadata"]) < VIEW_PRIVATE_METADATA
    assert [block["block_id"] for block in view["blocks"]] == [field.id for field in form.fields]
    assert len(view["title"]["text"]) <= 24


def test_a_suggestion_is_filled_in_beforehand_where_the_field_asks_for_it() -> None:
    field = Field("fix", "Fix?", "choice", YES_NO, suggests="fix")
    (block,) = forms.modal(a_form(field), "f", "1:0:log", {"fix": "no"})["blocks"]
    assert block["element"]["initial_option"]["value"] == "no"


def test_nothing_is_preset_without_a_suggestion_that_fits() -> None:
    field = Field("fix", "Fix?", "choice", YES_NO, suggests="fix")
    for suggested in ({}, {"fix": None}, {"fix": "perhaps"}):
        (block,) = forms.modal(a_form(field), "f", "1:0:log", suggested)["blocks"]
        assert "initial_option" not in block["element"]


def test_values_come_back_cleaned_and_empty_ones_are_left_out() -> None:
    form = a_form(
        Field("a", "A?", "choice", YES_NO), Field("b", "B", "text"), Field("c", "C", "text", required=False)
    )
    state = typed(a=option("yes"), b="  two\u202e  words\n", c="   ")
    assert forms.submitted(form, state) == {"a": "yes", "b": "two words"}


@pytest.mark.parametrize(
    ("kind", "element", "value"),
    [
        ("text", {"value": "words"}, "words"),
        ("number", {"value": "118.5"}, "118.5"),
        ("time", {"selected_time": "09:38"}, "09:38"),
        ("choice", option("yes"), "yes"),
        ("date", {"selected_date": "2026-11-30"}, "2026-11-30"),
        ("moment", {"selected_date_time": 1795000000}, "1795000000"),
        ("person", {"selected_user": "U0TECH1"}, "U0TECH1"),
    ],
)
def test_every_kind_of_field_is_read(kind: str, element: dict[str, Any], value: str) -> None:
    field = Field("x", "X?", kind, YES_NO if kind == "choice" else ())
    assert forms.submitted(a_form(field), {"x": {"value": element}}) == {"x": value}


@pytest.mark.parametrize(
    "state", [{}, None, [], {"x": None}, {"x": {}}, {"x": {"value": None}}, typed(x=" ")]
)
def test_a_missing_answer_is_told_at_its_field(state: Any) -> None:
    with pytest.raises(FieldsWrong) as wrong:
        forms.submitted(a_form(Field("x", "X", "text")), state)
    assert wrong.value.fields == {"x": "Please answer this."}


def test_every_wrong_field_is_told_at_once() -> None:
    form = a_form(
        Field("a", "A?", "choice", YES_NO), Field("b", "B", "text", longest=10), Field("c", "C", "text")
    )
    with pytest.raises(FieldsWrong) as wrong:
        forms.submitted(form, typed(a=option("perhaps"), b="x" * 11))
    assert wrong.value.fields == {
        "a": "Please choose one of the answers.",
        "b": "At most 10 characters, please.",
        "c": "Please answer this.",
    }


def test_an_option_that_is_none_of_the_forms_is_refused() -> None:
    for value in ("", "no fix", "modem power cycle ", "MODEM POWER CYCLE"):
        with pytest.raises(FieldsWrong):
            forms.submitted(a_form(Field("x", "X", "choice", YES_NO)), {"x": {"value": option(value)}})


def test_the_longest_answer_a_field_takes_fits_and_one_more_does_not() -> None:
    form = a_form(Field("x", "X", "text", longest=300))
    assert len(forms.submitted(form, typed(x="y" * 300))["x"]) == 300
    with pytest.raises(FieldsWrong):
        forms.submitted(form, typed(x="y" * 301))


@pytest.mark.parametrize(
    "element",
    [
        *({}, {"selected_date_time": None}, {"selected_date_time": 0}, {"selected_date_time": True}),
        *(
            {"selected_date_time": 179500000},
            {"selected_date_time": "soon"},
            {"selected_date_time": -1795000000},
        ),
        *(
            {"selected_date_time": 17950000000},
            {"selected_date_time": "\u0661" * 10},
            {"selected_date_time": []},
        ),
    ],
)
def test_what_is_no_moment_is_asked_for_again(element: dict[str, Any]) -> None:
    with pytest.raises(FieldsWrong) as wrong:
        forms.submitted(a_form(Field("at", "When?", "moment")), {"at": {"value": element}})
    assert set(wrong.value.fields) == {"at"}


def test_a_moment_and_a_person_that_need_no_answer_may_be_left_out() -> None:
    form = a_form(
        Field("at", "When?", "moment", required=False), Field("who", "Who?", "person", required=False)
    )
    empty = {"at": {"value": {"selected_date_time": None}}, "who": {"value": {"selected_user": None}}}
    assert forms.submitted(form, empty) == {}


def test_nothing_of_a_gated_form_is_filled_in_beforehand() -> None:
    for name in ("lock-out", "readings", "unlock", "cabinet"):
        view = forms.modal(RULES.runbook.forms[name], "f", "1:0:x", {"fix": "SIM reseat"})
        assert not any(key.startswith("initial") for block in view["blocks"] for key in block["element"])


# Keys do not belong into Slack

KEYS = [
    "PSK: hunter2hunter2",
    "psk hunter2hunter2",
    "password is correcthorsebattery",
    "The new password = Sommer2026!",
    "passphrase: correct-horse-battery",
    "Pass word:12345678",
    "pre-shared key abcdefg1",
    "Wi-Fi key = abcdefgh",
    "wifi key: abcdefgh",
    "WPA2: hunter2hunter2",
    "WPA hunter22",
    "password correcthorsebatterystaple",
    "Set PASSWORD\tHUNTER2HUNTER",
    "0123456789abcdef" * 4,
]
WORDS = [
    "password changed at the site",
    "The password changed.",
    "password incorrect, site contact told",
    "WPA2 password was changed in May",
    "Wi-Fi key changed, not the SSID",
    "SSID and passphrase: none",
    "PSK unknown",
    "password is new",
    "bypass 120000000 seen",
    "U.FL was off, put right",
    "",
]


@pytest.mark.parametrize("typed", KEYS)
def test_what_looks_like_a_key_is_refused_in_every_field_to_type(typed: str) -> None:
    field = Field("x", "X", "text", required=False, longest=300)
    with pytest.raises(FieldsWrong, match="Wi-Fi key") as wrong:
        forms.submitted(a_form(field), {"x": {"value": {"value": f"Notes. {typed}"}}})
    assert not any(word in str(wrong.value) for word in typed.split() if len(word) > 8)
    with pytest.raises(Refused, match="Wi-Fi key"):
        forms.refuse_key(typed)


@pytest.mark.parametrize("typed", WORDS)
def test_words_about_a_key_are_no_key(typed: str) -> None:
    field = Field("x", "X", "text", required=False, longest=300)
    said = forms.submitted(a_form(field), {"x": {"value": {"value": typed}}})
    assert said == ({"x": typed} if typed else {})
    forms.refuse_key(typed)


@pytest.mark.parametrize("form", ALL.values(), ids=lambda form: form.id)
def test_no_form_takes_a_key(form: Form) -> None:
    typed_into = [field for field in form.fields if field.kind == "text"]
    for field in typed_into:
        with pytest.raises(FieldsWrong) as wrong:
            forms.submitted(form, {field.id: {"value": {"value": "PSK: hunter2hunter2"}}})
        assert "Wi-Fi key" in wrong.value.fields[field.id]
