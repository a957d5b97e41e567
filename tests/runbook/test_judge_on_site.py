"""Judgements around a session, a visit and a lock: newer than what was done, and never a guess."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.portal.contract import Capabilities, Capability, Signal, Status
from bot.runbook.judge import JUDGEMENTS, Situation
from tests.runbook.situations import ALERT, NOW, SECOND, ago, seen

MINUTE = timedelta(minutes=1)
moments = st.integers(-90, 90).map(lambda minutes: NOW + minutes * MINUTE)
statuses = st.none() | st.builds(seen, st.sampled_from([True, False, None]), moments, st.none() | moments)


def said(name: str, situation: Situation, **changes: object) -> str | None:
    """What the judgement says of the situation with these changes."""
    return JUDGEMENTS[name](replace(situation, **changes))  # type: ignore[arg-type]  # a test's own fields


def sessions(count: int | None) -> Status:
    """A reading of now with so many sessions."""
    return Status("1", True, NOW, count, NOW)


# restart-station: restart when the session ends

PROMISED = replace(ALERT, promised_at=NOW + 60 * MINUTE)


@pytest.mark.parametrize(
    ("status", "choice"),
    [(sessions(0), "session-ended"), (sessions(1), None), (sessions(None), None), (None, None)],
)
def test_only_a_reading_without_a_session_ends_the_wait(status: Status | None, choice: str | None) -> None:
    assert said("session-over", PROMISED, status=status) == choice


@pytest.mark.parametrize(("left", "choice"), [(SECOND, "session-ended"), (0 * SECOND, "waited-enough")])
def test_the_wait_for_a_session_has_an_end(left: timedelta, choice: str) -> None:
    assert said("session-over", PROMISED, promised_at=NOW + left, status=sessions(0)) == choice
    assert said("session-over", PROMISED, promised_at=NOW - SECOND, status=sessions(1)) == "waited-enough"


@given(statuses)
def test_without_a_promise_no_session_restarts_anything(status: Status | None) -> None:
    assert said("session-over", ALERT, status=status) is None
    assert said("session-over", ALERT, status=sessions(0)) is None


# dispatch: the visit

ASKED = replace(ALERT, visit="asked", deadline_at=NOW)


@pytest.mark.parametrize(
    ("visit", "deadline", "choice"),
    [
        ("asked", NOW, "unanswered"),
        ("asked", NOW - SECOND, "unanswered"),
        ("asked", NOW + SECOND, None),
        ("asked", None, None),
        ("accepted", NOW, None),
        ("on site", NOW, None),
        (None, NOW, None),
    ],
)
def test_who_does_not_answer_in_time_is_not_waited_for(
    visit: str | None, deadline: datetime | None, choice: str | None
) -> None:
    assert said("visit", ALERT, visit=visit, deadline_at=deadline) == choice


@pytest.mark.parametrize("visit", ["asked", "accepted", None])
def test_before_a_visit_it_may_come_back_by_itself(visit: str | None) -> None:
    assert said("visit", ALERT, visit=visit, deadline_at=NOW + SECOND, status=seen(True)) == "recovered"
    assert said("visit", ALERT, visit=visit, deadline_at=NOW + SECOND, status=seen(False)) is None


# After the breaker, manual 1, 5 (2) and 5 (3)

POWER_BACK = replace(ALERT, remedy_at=ago(2), entered_at=ago(1))


@pytest.mark.parametrize(
    ("status", "choice"),
    [
        (seen(True), "back"),
        (seen(True, last_communication=ago(1, 59)), "back"),
        (seen(True, last_communication=ago(2)), None),
        (seen(True, as_of=ago(2)), None),
        (seen(False), None),
        (seen(None), None),
        (None, None),
    ],
)
def test_back_after_the_power_is_a_contact_newer_than_it(status: Status | None, choice: str | None) -> None:
    assert said("back-after-power", POWER_BACK, status=status) == choice


def test_without_a_remedy_it_counts_from_the_step() -> None:
    entered = replace(ALERT, remedy_at=None, entered_at=ago(1))
    assert said("back-after-power", entered, status=seen(True, last_communication=ago(0, 59))) == "back"
    assert said("back-after-power", entered, status=seen(True, last_communication=ago(1))) is None


# Under a lock


@pytest.mark.parametrize(
    ("status", "choice"),
    [
        (seen(True), "online-under-lock"),
        (seen(True, last_communication=ago(4, 59)), "online-under-lock"),
        (seen(True, last_communication=ago(5)), None),
        (seen(True, as_of=ago(5)), None),
        (seen(False), None),
        (seen(None), None),
        (None, None),
    ],
)
def test_online_under_a_lock_is_a_contact_of_after_the_step_began(
    status: Status | None, choice: str | None
) -> None:
    """What was heard before the breaker was off says nothing of what is live now."""
    assert said("online-under-lock", ALERT, entered_at=ago(5), status=status) == choice


@given(statuses, moments, st.none() | moments)
def test_nobody_is_told_of_a_source_without_an_online_reading(
    status: Status | None, entered: datetime, remedy: datetime | None
) -> None:
    for name in ("online-under-lock", "back-after-power"):
        choice = said(name, ALERT, status=status, entered_at=entered, remedy_at=remedy)
        assert choice is None or (status is not None and status.online is True)


# The proof with a technician on site, manual 5 (4) and 5 (8)


@pytest.mark.parametrize(
    ("visit", "lost"),
    [
        ("on site", "not-online-on-site"),
        ("accepted", "not-online"),
        ("asked", "not-online"),
        (None, "not-online"),
    ],
)
def test_not_online_leads_to_the_signal_only_where_somebody_is(visit: str | None, lost: str) -> None:
    assert said("online", ALERT, visit=visit, status=seen(False)) == lost
    assert said("online", ALERT, visit=visit, status=seen(True)) == "online"
    assert said("online", ALERT, visit=visit, status=seen(None)) is None


@pytest.mark.parametrize("bars", [0, 1])
@pytest.mark.parametrize("touched", [True, False])
def test_a_weak_signal_is_asked_of_who_is_there(bars: int, touched: bool) -> None:
    weak = Signal(bars, None, NOW)
    assert said("signal", ALERT, visit="on site", signal=weak, touched=touched) is None
    assert said("signal", ALERT, visit="accepted", signal=weak, touched=touched) == "weak"
    assert said("signal", ALERT, visit="on site", signal=Signal(None, True, NOW), touched=touched) is None


@pytest.mark.parametrize("visit", ["on site", "accepted", None])
def test_two_bars_are_enough_whoever_is_there(visit: str | None) -> None:
    assert said("signal", ALERT, visit=visit, signal=Signal(2, True, NOW)) == "good"
    assert said("signal", ALERT, visit=visit, signal=Signal(None, None, NOW)) == "not-shown"
    none = Capabilities(signal=Capability.NONE)
    assert said("signal", ALERT, visit=visit, signal=None, capabilities=none) == "not-shown"


@given(statuses, moments, st.sampled_from(["asked", "accepted", "on site", None]))
def test_the_visit_changes_only_where_it_leads(
    status: Status | None, remedy: datetime, visit: str | None
) -> None:
    alone = said("online", ALERT, status=status, remedy_at=remedy, visit=None)
    there = said("online", ALERT, status=status, remedy_at=remedy, visit=visit)
    assert there == ("not-online-on-site" if alone == "not-online" and visit == "on site" else alone)
