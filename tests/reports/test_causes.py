"""Every fix that can be logged has a cause."""

import pytest

from bot.reports.causes import CAUSES, cause_of
from tests.incidents.desk import RULES


def test_every_fix_of_the_log_has_a_cause_and_no_other_has() -> None:
    (fix,) = (field for field in RULES.runbook.forms["repair-log"].fields if field.id == "fix")
    assert set(CAUSES) == {option.value for option in fix.options}


@pytest.mark.parametrize(
    ("fix", "cause"), [("SIM reseat", "SIM"), ("could not complete", "not known"), (None, "not known")]
)
def test_a_fix_tells_its_cause(fix: str | None, cause: str) -> None:
    assert cause_of(fix) == cause
