"""The shipped procedure holds, and one that was changed for the worse does not."""

from dataclasses import replace

from bot.runbook.judge import RESULTS
from bot.runbook.model import Gate, Runbook
from bot.runbook.proof import Proof, prove
from tests.runbook.procedures import with_choice, without_choice

LOCKED = frozenset({Gate.LOCK_ON})
BOTH = frozenset(Gate)

# Which gates the manual's paragraphs ask for, said a second time so that a `needs` that is lost is noticed
# even where another one would still hold the door: 4.3 (1) before 4.3 (2) to 4.5; the lock stays until 5 (1).
NEEDS = {
    "verify-zero-volts": LOCKED,
    "open-cabinet": BOTH,
    "inspect-sim": BOTH,
    "inspect-antenna": BOTH,
    "close-cabinet": LOCKED,
    "restore-power": LOCKED,
}
FREE = frozenset({*NEEDS, "lock-out"})
"""The steps that a lock does not forbid."""


def found(runbook: Runbook) -> str:
    """All findings in one text; fails if there are none."""
    proof = prove(runbook)
    assert not proof.holds
    assert "does NOT hold" in proof.summary()
    return "\n".join(proof.findings)


def test_the_shipped_procedure_holds(runbook: Runbook) -> None:
    proof = prove(runbook)

    assert proof.findings == ()
    assert proof.holds
    assert proof.steps == len(runbook.steps) <= proof.states <= proof.moves


def test_the_summary_says_what_was_proved_of_which_text(runbook: Runbook) -> None:
    summary = prove(runbook).summary()

    assert summary.startswith(f"runbook CP-ERR-WIFI {runbook.digest}: {len(runbook.steps)} steps, ")
    assert "no end with a lock on" in summary
    assert Proof("X", "abc", 1, 1, 1, ("a is wrong",)).summary().endswith("does NOT hold:\n  a is wrong")


def test_every_step_asks_for_the_gates_its_paragraph_asks_for(runbook: Runbook) -> None:
    for step in runbook.steps.values():
        assert step.needs == NEEDS.get(step.id, frozenset()), step.id
        assert (Gate.LOCK_ON in step.forbids) == (step.id not in FREE), step.id


def test_a_step_no_way_leads_to_is_found(runbook: Runbook) -> None:
    changed = with_choice(runbook, "wait-and-monitor", "stop-waiting", to="log-repair")
    changed = with_choice(changed, "check-last-communication", "recent", to="restart-station")

    assert "no way leads to wait-and-monitor" in found(changed)


def test_what_relink_alone_can_end_is_no_way_out_for_a_person(runbook: Runbook) -> None:
    lost = without_choice(runbook, "log-repair", "log")

    assert "a person cannot get from log-repair (gates open: none, from verify-signal) to the end" in found(
        lost
    )


def test_a_circle_without_a_way_out_is_found(runbook: Runbook) -> None:
    circle = with_choice(runbook, "verify-alert-cleared", "cleared", to="verify-online")
    for way in ("not-online", "not-online-on-site"):
        circle = with_choice(circle, "verify-online", way, to="verify-online")

    assert "a person cannot get from verify-online (gates open: none) to the end" in found(circle)


def test_a_step_left_without_a_button_under_some_facts_is_found(runbook: Runbook) -> None:
    findings = found(without_choice(runbook, "restart-station", "skip", "restart-anyway", "when-it-ends"))

    assert "no button is left at restart-station" in findings
    assert "'session': 'running'" in findings
    assert "'session': 'none'" not in findings


def test_a_judgement_that_may_say_what_the_step_does_not_offer_is_found(runbook: Runbook) -> None:
    assert "judgement signal may say not-shown" in found(
        without_choice(runbook, "verify-signal", "not-shown")
    )
    assert "judgement test-session may say failed," in found(
        without_choice(runbook, "test-session", "failed")
    )
    nobody = tuple(every for every in runbook.everywhere if every.choice.id != "recovered")
    assert "wait-and-monitor: judgement back-online may say recovered" in found(
        replace(runbook, everywhere=nobody)
    )


def test_a_judgement_that_declares_nothing_is_found(runbook: Runbook) -> None:
    fewer = {name: results for name, results in RESULTS.items() if name != "stays-up"}

    assert prove(runbook, fewer).findings == (
        "log-repair: judgement stays-up does not declare what it may say",
    )


def test_a_wait_that_ends_in_nothing_is_found(runbook: Runbook) -> None:
    assert "after the wait silent is taken" in found(without_choice(runbook, "wait-and-monitor", "silent"))


def test_an_end_with_a_lock_on_is_found(runbook: Runbook) -> None:
    free = replace(
        runbook,
        steps={name: replace(step, forbids=frozenset()) for name, step in runbook.steps.items()},
    )
    locking = with_choice(free, "verify-signal", "not-shown", opens=frozenset({Gate.LOCK_ON}))

    assert "log ends log-repair (gates open: lock-on, from verify-signal) with a lock on" in found(locking)
