"""What a form's values decide: the RFID test session (manual 5 (7))."""

import pytest

from bot.errors import FieldsWrong
from bot.runbook.judge import RESULTS
from bot.runbook.judge_forms import FORM_JUDGEMENTS, SESSION_PARTS
from bot.runbook.model import Runbook

ALL_YES = dict.fromkeys(SESSION_PARTS, "yes")


def test_all_five_parts_pass_the_session() -> None:
    assert FORM_JUDGEMENTS["test-session"](ALL_YES, {}) == "passed"


@pytest.mark.parametrize("part", SESSION_PARTS)
def test_one_part_that_fails_fails_the_session_by_its_cause(part: str) -> None:
    failed = {**ALL_YES, part: "no"}

    assert FORM_JUDGEMENTS["test-session"]({**failed, "cause": "connection"}, {}) == "failed"
    assert FORM_JUDGEMENTS["test-session"]({**failed, "cause": "another reason"}, {}) == "failed-otherwise"


@pytest.mark.parametrize("cause", [{}, {"cause": ""}, {"cause": "bad luck"}])
def test_a_failed_part_without_a_cause_is_asked_for_it(cause: dict[str, str]) -> None:
    with pytest.raises(FieldsWrong) as raised:
        FORM_JUDGEMENTS["test-session"]({**ALL_YES, "end": "no", **cause}, {})
    assert set(raised.value.fields) == {"cause"}


def test_a_part_without_an_answer_is_not_taken_as_a_yes() -> None:
    with pytest.raises(FieldsWrong) as raised:
        FORM_JUDGEMENTS["test-session"]({"authentication": "yes", "start": "maybe", "end": "no"}, {})
    assert set(raised.value.fields) == {"start", "energy", "record"}


def test_the_form_asks_what_the_judgement_reads(runbook: Runbook) -> None:
    fields = {
        field.id: [option.value for option in field.options] for field in runbook.forms["test-session"].fields
    }

    assert fields == {
        **{part: ["yes", "no"] for part in SESSION_PARTS},
        "cause": ["connection", "another reason"],
    }
    assert RESULTS.keys() >= FORM_JUDGEMENTS.keys()
