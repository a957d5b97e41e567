"""What a person or Relink may do at a step, and what becomes of the incident."""

from dataclasses import replace

import pytest

from bot.errors import NotAllowed, Refused, StaleChoice
from bot.runbook.model import CLOSED, Gate, Runbook
from bot.runbook.moves import (
    automatic_of,
    entry_refusal,
    everywhere_offered,
    offered,
    sought,
)
from tests.runbook.procedures import with_choice, with_step
from tests.runbook.taking import FIRST, LEAD, LOCKED, NONE, SUPPORT, TECHNICIAN, taken


def buttons(runbook: Runbook, **facts: str) -> list[str]:
    """The buttons of the restart card under these facts."""
    return [choice.id for choice in offered(runbook, "restart-station", {**FIRST, **facts}, NONE)]


def test_a_restart_is_sent_counts_as_a_remedy_and_leads_to_the_check(runbook: Runbook) -> None:
    restart = taken(runbook, "restart-station", "restart")

    assert (restart.to, restart.does, restart.remedy, restart.closes) == (
        "wait-for-reconnect",
        "restart",
        True,
        False,
    )


def test_back_after_the_restart_notes_the_fix_so_far(runbook: Runbook) -> None:
    assert taken(runbook, "wait-for-reconnect", "back", None).sets == {"fix": "modem power cycle"}


@pytest.mark.parametrize(
    ("facts", "shown"),
    [
        ({}, ["restart", "skip"]),
        ({"session": "not known"}, ["restart", "skip"]),
        ({"budget": "used"}, ["restart-again", "skip"]),
        ({"session": "running"}, ["restart-anyway", "when-it-ends", "skip"]),
        ({"session": "running", "budget": "used"}, ["restart-anyway", "when-it-ends-again", "skip"]),
        ({"session": "running", "promised": "yes"}, ["restart-anyway", "do-not-wait", "skip"]),
        (
            {"restart": "manual"},
            ["sent-by-hand", "sent-earlier", "not-offered", "failed", "cannot-get-in", "skip"],
        ),
        ({"restart": "none"}, ["not-offered", "skip"]),
    ],
)
def test_the_restart_card_shows_only_what_is_possible(
    runbook: Runbook, facts: dict[str, str], shown: list[str]
) -> None:
    assert buttons(runbook, **facts) == shown


def test_a_fact_nobody_knows_of_offers_nothing(runbook: Runbook) -> None:
    assert [choice.id for choice in offered(runbook, "restart-station", {}, NONE)] == ["skip"]


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"session": "running"}, "A session is running"),
        ({"budget": "used"}, "A second restart needs a reason"),
        ({"restart": "manual"}, "Restart it in the portal"),
        ({"restart": "none"}, "offers no restart"),
        ({"session": "who knows"}, "not possible now"),
    ],
)
def test_an_old_restart_button_is_refused_with_the_reason(
    runbook: Runbook, facts: dict[str, str], sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        taken(runbook, "restart-station", "restart", facts={**FIRST, **facts})
    with pytest.raises(Refused, match=sentence):
        taken(runbook, "restart-station", "restart", None, facts={**FIRST, **facts})


def test_a_technician_restarts_nothing_and_a_lead_may_do_what_support_may(runbook: Runbook) -> None:
    with pytest.raises(NotAllowed, match="This is for support"):
        taken(runbook, "restart-station", "restart", TECHNICIAN)
    with pytest.raises(NotAllowed):
        taken(runbook, "restart-station", "restart", frozenset())

    assert taken(runbook, "restart-station", "restart", LEAD).to == "wait-for-reconnect"


def test_only_a_lead_restarts_while_a_car_charges(runbook: Runbook) -> None:
    charging = {**FIRST, "session": "running"}

    with pytest.raises(NotAllowed, match="This is for a lead"):
        taken(runbook, "restart-station", "restart-anyway", facts=charging, through_form=True)
    assert taken(runbook, "restart-station", "restart-anyway", LEAD, facts=charging, through_form=True).remedy


def test_a_choice_of_another_step_is_stale(runbook: Runbook) -> None:
    with pytest.raises(StaleChoice):
        taken(runbook, "confirm-alert", "restart")
    with pytest.raises(StaleChoice):
        sought(runbook, "confirm-alert", "restart")


def test_what_has_no_button_is_relinks_alone(runbook: Runbook) -> None:
    with pytest.raises(StaleChoice):
        taken(runbook, "wait-and-monitor", "silent")
    with pytest.raises(StaleChoice):
        taken(runbook, "wait-and-monitor", "silent", through_form=True)

    silent = taken(runbook, "wait-and-monitor", "silent", None)
    assert (silent.to, silent.rings) == ("restart-station", "rings/restart-station.j2")


def test_a_second_restart_is_not_taken_without_its_form(runbook: Runbook) -> None:
    again = {**FIRST, "budget": "used"}

    with pytest.raises(Refused, match="needs its form"):
        taken(runbook, "restart-station", "restart-again", facts=again)
    assert (
        taken(runbook, "restart-station", "restart-again", facts=again, through_form=True).does == "restart"
    )


def test_the_session_is_passed_only_through_its_form(runbook: Runbook) -> None:
    with pytest.raises(StaleChoice):
        taken(runbook, "test-session", "passed")
    with pytest.raises(Refused, match="Fill it in"):
        taken(runbook, "test-session", "enter", through_form=True)

    assert taken(runbook, "test-session", "passed", TECHNICIAN, through_form=True).to == "verify-signal"


def test_who_may_not_press_the_button_may_not_submit_its_form(runbook: Runbook) -> None:
    changed = with_choice(runbook, "test-session", "enter", by=TECHNICIAN)

    with pytest.raises(NotAllowed, match="This is for a technician"):
        taken(changed, "test-session", "passed", SUPPORT, through_form=True)


def test_waiving_the_session_is_for_support_not_for_a_technician(runbook: Runbook) -> None:
    assert taken(runbook, "test-session", "waive").to == "verify-signal"
    with pytest.raises(NotAllowed):
        taken(runbook, "test-session", "waive", TECHNICIAN)


def test_not_yet_goes_back_to_the_step_it_came_from(runbook: Runbook) -> None:
    assert taken(runbook, "log-repair", "not-yet", origin="verify-signal").to == "verify-signal"
    with pytest.raises(Refused, match="no step to go back to"):
        taken(runbook, "log-repair", "not-yet")


def test_logging_the_repair_closes(runbook: Runbook) -> None:
    closing = taken(runbook, "log-repair", "log", TECHNICIAN, through_form=True)
    assert (closing.to, closing.closes) == (CLOSED, True)


def test_give_up_is_offered_before_the_log_and_wants_a_reason(runbook: Runbook) -> None:
    def shown(step: str, gates: frozenset[Gate] = NONE) -> list[str]:
        return [choice.id for choice in everywhere_offered(runbook, step, FIRST, gates)]

    assert shown("wait-and-monitor") == ["give-up", "others-too", "correct"]
    assert shown("verify-signal") == ["give-up", "correct"]
    assert shown("carrier-outage") == ["give-up", "correct"]
    assert shown("log-repair") == ["correct"]
    assert shown("wait-and-monitor", LOCKED) == ["correct"]
    given_up = taken(runbook, "wait-and-monitor", "give-up", through_form=True)
    assert (given_up.to, given_up.sets) == ("log-repair", {"fix": "could not complete"})


def test_a_step_without_a_way_of_its_own_looks_for_recovery(runbook: Runbook) -> None:
    def decides(step: str, gates: frozenset[Gate] = NONE) -> str | None:
        way = automatic_of(runbook, step, gates)
        return way.decides if way else None

    assert decides("call-support") == "back-online"
    assert decides("restart-station") == "session-over"
    assert decides("wait-for-reconnect") == "reconnected"
    assert decides("call-support", LOCKED) is None
    assert taken(runbook, "restart-station", "recovered", None).to == "verify-online"
    with pytest.raises(StaleChoice):
        taken(runbook, "verify-online", "recovered", None)


def test_with_a_lock_on_nothing_restarts_and_nothing_closes(runbook: Runbook) -> None:
    for step, choice in (("restart-station", "restart"), ("log-repair", "closed-by-itself")):
        with pytest.raises(Refused, match="A lock is on"):
            taken(runbook, step, choice, None, gates=LOCKED)


def test_with_a_lock_on_no_button_leads_to_a_step_that_forbids_it(runbook: Runbook) -> None:
    assert [choice.id for choice in offered(runbook, "restart-station", FIRST, LOCKED)] == []


def test_gates_open_and_shut_by_a_choice_and_guard_the_next_step(runbook: Runbook) -> None:
    both = frozenset(Gate)
    guarded = with_step(runbook, "verify-alert-cleared", needs=both, forbids=NONE)

    assert entry_refusal(guarded, "verify-alert-cleared", NONE) == "Not before the lock-out is recorded."
    with pytest.raises(Refused, match="Not before 0 V is proved"):
        taken(guarded, "verify-online", "online", None, gates=LOCKED)
    opening = with_choice(guarded, "verify-online", "online", opens=both)
    assert taken(opening, "verify-online", "online", None).gates_after == both

    after = with_step(runbook, "verify-alert-cleared", needs=LOCKED, forbids=frozenset({Gate.ZERO_VOLTS}))
    with pytest.raises(Refused, match="Close the cabinet first"):
        taken(after, "verify-online", "online", None, gates=both)
    shutting = with_choice(after, "verify-online", "online", shuts=frozenset({Gate.ZERO_VOLTS}))
    assert taken(shutting, "verify-online", "online", None, gates=both).gates_after == LOCKED


def test_what_is_shut_stays_shut_even_if_the_same_choice_opens_it(runbook: Runbook) -> None:
    torn = with_choice(runbook, "verify-online", "online", opens=LOCKED, shuts=LOCKED)
    assert taken(torn, "verify-online", "online", None).gates_after == NONE


def test_a_step_that_names_nobody_is_for_nobody(runbook: Runbook) -> None:
    nobody = replace(runbook.steps["confirm-alert"], by=frozenset())
    changed = replace(runbook, steps={**runbook.steps, "confirm-alert": nobody})
    with pytest.raises(NotAllowed, match="This is for nobody"):
        taken(changed, "confirm-alert", "active")
