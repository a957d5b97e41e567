"""What may be typed into the procedure's forms, and what becomes of it."""

from collections.abc import Mapping

import pytest
from hypothesis import strategies as st

from bot.errors import FieldsWrong
from bot.runbook.judge_forms import FORM_JUDGEMENTS
from bot.runbook.model import Form
from tests.runbook.procedures import shipped

FORMS = shipped().forms


def decided(name: str, values: Mapping[str, str], facts: Mapping[str, str] | None = None) -> str:
    """The choice these values lead to."""
    return FORM_JUDGEMENTS[name](values, facts or {})


def wrong(name: str, values: Mapping[str, str], facts: Mapping[str, str] | None = None) -> set[str]:
    """The fields that are refused; fails if none is."""
    with pytest.raises(FieldsWrong) as raised:
        decided(name, values, facts)
    assert all(raised.value.fields.values())
    return set(raised.value.fields)


def outcome(name: str, values: Mapping[str, str], facts: Mapping[str, str] | None = None) -> str | set[str]:
    """The choice, or the fields that are refused."""
    try:
        return decided(name, values, facts)
    except FieldsWrong as refused:
        return set(refused.fields)


def answered(form: Form) -> st.SearchStrategy[dict[str, str]]:
    """What a form may come back with: every required field answered, the others perhaps."""
    kinds = {
        "number": st.floats(-2000, 2000).map(lambda volts: f"{volts:.1f}"),
        "text": st.text("aT-1 ", min_size=1),
    }
    fields = {
        field.id: st.sampled_from([option.value for option in field.options])
        if field.options
        else kinds.get(field.kind, st.just("1795000000"))
        for field in form.fields
    }
    must = {field.id: fields.pop(field.id) for field in form.fields if field.required}
    return st.fixed_dictionaries(must, optional=fields)


facts_of_a_visit = st.fixed_dictionaries(
    {"circuits": st.sampled_from(["none", "one", "more"]), "needs": st.sampled_from(["none", "sim", "part"])}
)
