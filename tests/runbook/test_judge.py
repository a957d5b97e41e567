"""Judgements over portal readings: the manual's numbers to the second, and never a guess."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.portal.contract import Alarm, Capabilities, Capability, Command, Outcome, Signal, Status
from bot.runbook.judge import JUDGEMENTS, Situation
from tests.runbook.situations import ALERT, HALF_AN_HOUR, NOW, SECOND, ago, alarm, answered, seen

# confirm-alert, manual 4.1 (1)


def test_an_active_alarm_of_the_code_confirms_the_alert() -> None:
    assert JUDGEMENTS["alert-active"](replace(ALERT, alarms=(alarm("CP-OTHER"), alarm()))) == "active"


@pytest.mark.parametrize("alarms", [(), (alarm("CP-OTHER"),), (alarm(cleared_at=ago(1)),)])
def test_without_an_active_alarm_of_the_code_it_is_already_cleared(alarms: tuple[Alarm, ...]) -> None:
    back = replace(ALERT, alarms=alarms, status=seen(True))
    assert JUDGEMENTS["alert-active"](back) == "already-cleared"


def test_an_alert_that_is_quicker_than_the_portals_list_has_not_cleared() -> None:
    silent = replace(ALERT, alarms=(), status=seen(False))
    unread = replace(ALERT, alarms=(), status=None, last_communication=ago(29))

    assert JUDGEMENTS["alert-active"](silent) == "cannot-tell"
    assert JUDGEMENTS["alert-active"](unread) is None


def test_a_reading_from_before_the_alert_has_not_cleared_it() -> None:
    old = replace(ALERT, alarms=(), status=seen(True, as_of=ago(21)), last_communication=ago(29))

    assert JUDGEMENTS["alert-active"](old) is None


@pytest.mark.parametrize(("age", "said"), [(0, "session-ended"), (6, "session-ended"), (7, None)])
def test_only_a_reading_of_now_ends_the_session_a_restart_waits_for(age: int, said: str | None) -> None:
    none_running = replace(seen(False, as_of=ago(age)), active_sessions=0)
    waiting = replace(ALERT, promised_at=NOW + HALF_AN_HOUR, status=none_running)

    assert JUDGEMENTS["session-over"](waiting) == said


@pytest.mark.parametrize(
    ("last", "said"),
    [
        (ago(29, 59), None),
        (ago(30), "cannot-tell"),
        (None, "cannot-tell"),
        (NOW + SECOND, "cannot-tell"),
    ],
)
def test_without_a_portal_a_prompt_alert_stays_quiet_until_minute_30(
    last: datetime | None, said: str | None
) -> None:
    assert JUDGEMENTS["alert-active"](replace(ALERT, alarms=None, last_communication=last)) == said


# check-last-communication, manual 4.1 (2)


@pytest.mark.parametrize(("last", "said"), [(ago(29, 59), "recent"), (ago(30), "older"), (ago(31), "older")])
def test_under_thirty_minutes_is_recent(last: datetime, said: str) -> None:
    assert JUDGEMENTS["last-communication"](replace(ALERT, last_communication=last)) == said
    told = replace(ALERT, last_communication=None, status=seen(False, last_communication=last))
    assert JUDGEMENTS["last-communication"](told) == said


def test_the_newer_of_alert_and_portal_counts() -> None:
    told = replace(ALERT, last_communication=ago(40), status=seen(False, last_communication=ago(5)))
    assert JUDGEMENTS["last-communication"](told) == "recent"


def test_a_time_in_the_future_counts_as_not_known() -> None:
    ahead = replace(ALERT, last_communication=NOW + SECOND)

    assert JUDGEMENTS["last-communication"](ahead) == "not-known"
    known = replace(ahead, status=seen(False, last_communication=ago(45)))
    assert JUDGEMENTS["last-communication"](known) == "older"


@pytest.mark.parametrize("capabilities", [None, Capabilities(), Capabilities(status=Capability.NONE)])
def test_a_person_is_asked_for_it_where_the_portal_cannot_be(capabilities: Capabilities | None) -> None:
    unknown = replace(ALERT, last_communication=None, capabilities=capabilities)
    assert JUDGEMENTS["last-communication"](unknown) is None


# recovered


def test_a_station_online_since_the_alert_has_recovered() -> None:
    assert (
        JUDGEMENTS["back-online"](replace(ALERT, status=seen(True, last_communication=ago(1)))) == "recovered"
    )
    assert JUDGEMENTS["back-online"](replace(ALERT, status=seen(True))) == "recovered"


@pytest.mark.parametrize(
    "status",
    [
        None,
        seen(False),
        seen(None),
        seen(True, as_of=ALERT.raised_at),
        seen(True, last_communication=ALERT.raised_at),
    ],
)
def test_an_old_or_missing_reading_is_no_recovery(status: Status | None) -> None:
    assert JUDGEMENTS["back-online"](replace(ALERT, status=status)) is None


# wait-for-reconnect, manual 4.1 (3)

RESTARTED = replace(ALERT, remedy_at=ago(3))


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (seen(True), "back"),
        (seen(True, last_communication=ago(1)), "back"),
        (seen(True, last_communication=NOW + SECOND), "back"),
        (seen(True, last_communication=ago(3)), None),
        (seen(True, as_of=ago(3)), None),
        (seen(False), "still-down"),
        (seen(False, as_of=ago(2, 59)), "still-down"),
        (seen(False, as_of=ago(3)), None),
        (seen(None), None),
        (None, None),
    ],
)
def test_after_a_restart_only_what_is_newer_counts(status: Status | None, said: str | None) -> None:
    assert JUDGEMENTS["reconnected"](replace(RESTARTED, status=status)) == said


@pytest.mark.parametrize(("age", "said"), [(0, "still-down"), (1, "still-down"), (2, None)])
def test_silence_while_it_may_still_boot_is_no_answer_at_the_check(age: int, said: str | None) -> None:
    check = replace(RESTARTED, deadline_at=NOW, status=seen(False, as_of=ago(age)))
    assert JUDGEMENTS["reconnected"](check) == said
    assert JUDGEMENTS["reconnected"](replace(check, status=seen(True, as_of=ago(age)))) == "back"


def test_without_a_restart_nothing_is_said_of_one() -> None:
    assert JUDGEMENTS["reconnected"](replace(ALERT, status=seen(True))) is None


# verify-online, manual 5 (4)


@pytest.mark.parametrize(
    ("situation", "said"),
    [
        (replace(RESTARTED, status=seen(True, as_of=ago(2))), "online"),
        (replace(RESTARTED, status=seen(True, as_of=ago(4))), None),
        (replace(ALERT, status=seen(True, as_of=ago(4))), "online"),
        (replace(ALERT, status=seen(True, as_of=ago(21))), None),
        (replace(ALERT, status=seen(False)), "not-online"),
        (replace(RESTARTED, status=seen(False, as_of=ago(4))), None),
        (replace(ALERT, status=seen(None)), None),
        (replace(ALERT, status=None), None),
    ],
)
def test_online_must_be_newer_than_the_remedy_or_else_than_the_alert(
    situation: Situation, said: str | None
) -> None:
    assert JUDGEMENTS["online"](situation) == said


# verify-alert-cleared, manual 5 (5)


@pytest.mark.parametrize(
    ("alarms", "said"),
    [((), "cleared"), ((alarm("CP-OTHER"),), "cleared"), ((alarm(),), None), (None, None)],
)
def test_the_alert_is_cleared_only_when_the_portal_lists_it_no_more(
    alarms: tuple[Alarm, ...] | None, said: str | None
) -> None:
    assert JUDGEMENTS["alert-cleared"](replace(ALERT, alarms=alarms)) == said


# get-configuration, manual 5 (6)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (answered(5000), "answered"),
        (answered(5001), None),
        (answered(None), None),
        (answered(900, Outcome.TIMEOUT), None),
        (answered(900, Outcome.NOT_CONNECTED), None),
        (answered(None, Outcome.UNSUPPORTED), "cannot-ask"),
        (None, None),
    ],
)
def test_the_configuration_must_come_within_5_seconds(command: Command | None, said: str | None) -> None:
    assert JUDGEMENTS["configuration"](replace(ALERT, configuration=command)) == said


def test_where_a_person_can_ask_for_the_configuration_a_person_does() -> None:
    by_hand = Capabilities(get_configuration=Capability.MANUAL)
    nobody = Capabilities(get_configuration=Capability.NONE)

    assert JUDGEMENTS["configuration"](replace(ALERT, capabilities=by_hand, touched=True)) is None
    # What came back untouched calls nobody: it is noted.
    assert JUDGEMENTS["configuration"](replace(ALERT, capabilities=by_hand)) == "cannot-ask"
    assert JUDGEMENTS["configuration"](replace(ALERT, capabilities=nobody)) == "cannot-ask"


# test-session, manual 5 (7)


def test_the_session_is_waived_only_where_nobody_touched_anything() -> None:
    assert JUDGEMENTS["session-waived"](ALERT) == "waived"
    assert JUDGEMENTS["session-waived"](replace(ALERT, touched=True)) is None


# verify-signal, manual 5 (8)


@pytest.mark.parametrize(
    ("signal", "capability", "said"),
    [
        (Signal(2, None, NOW), Capability.AUTO, "good"),
        (Signal(1, None, NOW), Capability.AUTO, "weak"),
        (Signal(0, None, NOW), Capability.AUTO, "weak"),
        (Signal(None, True, NOW), Capability.AUTO, "weak"),
        (Signal(None, False, NOW), Capability.AUTO, "good"),
        (Signal(None, None, NOW), Capability.AUTO, "not-shown"),
        (None, Capability.NONE, "not-shown"),
        (None, Capability.AUTO, None),
        (None, Capability.MANUAL, None),
    ],
)
def test_at_least_two_bars(signal: Signal | None, capability: Capability, said: str | None) -> None:
    situation = replace(ALERT, signal=signal, capabilities=Capabilities(signal=capability), touched=True)
    assert JUDGEMENTS["signal"](situation) == said


@pytest.mark.parametrize(("measured", "said"), [(ago(3), None), (ago(2, 59), "good"), (None, "good")])
def test_a_signal_from_before_the_remedy_is_none_of_now(measured: datetime | None, said: str | None) -> None:
    situation = replace(RESTARTED, signal=Signal(4, None, measured), touched=True)
    assert JUDGEMENTS["signal"](situation) == said


def test_signal_of_what_came_back_untouched_is_noted_instead_of_asked() -> None:
    by_hand = Capabilities(signal=Capability.MANUAL)
    assert JUDGEMENTS["signal"](replace(ALERT, capabilities=by_hand)) == "not-shown"


# log-repair

WATCHED = replace(ALERT, back_at=NOW - HALF_AN_HOUR, status=seen(True))


@pytest.mark.parametrize(
    ("situation", "said"),
    [
        (WATCHED, "closed-by-itself"),
        (replace(WATCHED, back_at=NOW - HALF_AN_HOUR + SECOND), None),
        (replace(WATCHED, watch=timedelta(hours=2)), None),
        (replace(WATCHED, watch=timedelta(hours=2), back_at=ago(120)), "closed-by-itself"),
        (replace(WATCHED, touched=True), None),
        (replace(WATCHED, status=seen(None)), None),
        (replace(WATCHED, status=None), None),
        (replace(WATCHED, status=seen(True, as_of=ago(31))), None),
        (replace(WATCHED, status=seen(True, as_of=ago(2))), None),
        (replace(WATCHED, status=seen(True, as_of=ago(1))), "closed-by-itself"),
        (replace(WATCHED, back_at=ago(29), status=seen(True, as_of=NOW + HALF_AN_HOUR)), None),
        (replace(WATCHED, status=seen(False)), "down-again"),
        (replace(WATCHED, touched=True, status=seen(False)), "down-again"),
        (replace(WATCHED, status=seen(False, as_of=ago(30))), None),
        (replace(WATCHED, back_at=None, status=seen(False)), None),
        (replace(WATCHED, back_at=None), None),
    ],
)
def test_what_came_back_by_itself_must_hold_before_it_closes(situation: Situation, said: str | None) -> None:
    assert JUDGEMENTS["stays-up"](situation) == said
