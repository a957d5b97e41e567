"""The procedure's files: the shipped ones load, and anything unknown is refused with its file and line."""

import re
from datetime import timedelta
from pathlib import Path

from bot.portal.contract import Portal
from bot.runbook.load import PORTAL_VERBS
from bot.runbook.model import CLOSED, ORIGIN, Gate, Role, Runbook, Since, Span
from tests.runbook.procedures import TRIAGE, VERIFY, choice_of, load, written


def test_the_shipped_procedure_loads_in_the_order_the_steps_lie(runbook: Runbook) -> None:
    assert runbook.code == "CP-ERR-WIFI"
    assert runbook.start == "confirm-alert"
    assert runbook.order == (
        *("confirm-alert", "check-last-communication", "wait-and-monitor", "restart-station"),
        *("wait-for-reconnect", "call-support", "order-sim", "wait-for-provider", "check-area"),
        *("carrier-outage", "dispatch", "check-signal", "power-cycle-breaker", "lock-out"),
        *("verify-zero-volts", "open-cabinet", "inspect-sim", "inspect-antenna", "close-cabinet"),
        *("restore-power", "wait-for-boot", "reconfigure-wifi", "wait-for-connection", "modem-failed"),
        *("verify-online", "verify-alert-cleared", "get-configuration"),
        *("test-session", "verify-signal", "log-repair"),
    )
    assert runbook.lies_before("wait-for-reconnect", "verify-online")
    assert not runbook.lies_before("verify-online", "verify-online")


def test_the_check_after_a_restart_comes_once_after_three_minutes_from_the_portals_answer(
    runbook: Runbook,
) -> None:
    automatic = runbook.steps["wait-for-reconnect"].automatic

    assert automatic is not None
    assert automatic.lasts == Span(fixed=timedelta(minutes=3))
    assert automatic.since is Since.ANSWER
    assert not automatic.first_look


def test_waiting_ends_thirty_minutes_after_the_last_communication(runbook: Runbook) -> None:
    automatic = runbook.steps["wait-and-monitor"].automatic

    assert automatic is not None
    assert automatic.lasts is not None
    assert automatic.lasts.length({}) == timedelta(minutes=30)
    assert automatic.since is Since.LAST_COMMUNICATION
    assert automatic.every is not None
    assert automatic.every.length({"look": timedelta(minutes=3)}) == timedelta(minutes=3)


def test_a_restart_while_a_car_charges_is_for_the_lead_and_asks_why(runbook: Runbook) -> None:
    choice = choice_of(runbook, "restart-station", "restart-anyway")

    assert choice.by == {Role.LEAD}
    assert choice.form == "reason"
    assert choice.when["session"] == {"running"}


UNDER_A_LOCK = frozenset(
    {
        *("lock-out", "verify-zero-volts", "open-cabinet", "inspect-sim", "inspect-antenna"),
        *("close-cabinet", "restore-power"),
    }
)
"""The only steps on which an incident may stand while a lock is on."""


def test_only_log_repair_closes_and_every_other_step_is_refused_while_a_lock_is_on(runbook: Runbook) -> None:
    closing = {step.id for step in runbook.steps.values() for choice in step.choices if choice.to == CLOSED}

    assert closing == {"log-repair"}
    allowed = {step.id for step in runbook.steps.values() if Gate.LOCK_ON not in step.forbids}
    assert allowed == UNDER_A_LOCK
    assert choice_of(runbook, "log-repair", "not-yet").to == ORIGIN


def test_a_step_knows_where_it_is_declared(runbook: Runbook) -> None:
    file, line = runbook.steps["verify-signal"].where.split(":")
    folder = Path(__file__).parents[2] / "bot" / "runbook"

    lines = (folder / file).read_text().splitlines()
    assert lines[int(line) - 1] == "[[step]]"
    assert lines[int(line)] == 'id = "verify-signal"'


def test_the_verbs_are_the_methods_of_the_portal() -> None:
    assert {"status", "alarms", "restart", "get_configuration", "signal", "nearby"} <= PORTAL_VERBS
    assert all(callable(getattr(Portal, verb)) for verb in PORTAL_VERBS)


def test_a_small_procedure_loads_with_its_forms(tmp_path: Path) -> None:
    runbook = load(written(tmp_path, {"triage.toml": TRIAGE, "verify.toml": VERIFY}))

    start, note = runbook.forms["test-session"].fields
    assert [(option.value, option.label) for option in start.options] == [
        ("yes", "yes"),
        ("no", "No, it did not"),
    ]
    assert (note.longest, note.required) == (200, False)


def test_steps_on_site_lie_between_triage_and_verification(tmp_path: Path) -> None:
    on_site = VERIFY.replace('"second"', '"between"').split("[[form]]")[0]
    on_site = on_site.replace('to = "closed"', 'to = "second"')
    files = {"triage.toml": TRIAGE, "on_site.toml": on_site, "verify.toml": VERIFY}

    assert load(written(tmp_path, files)).order == ("first", "between", "second")


def test_the_digest_changes_with_any_word_of_the_files(tmp_path: Path) -> None:
    before = load(written(tmp_path, {"triage.toml": TRIAGE, "verify.toml": VERIFY})).digest
    after = load(written(tmp_path, {"verify.toml": VERIFY.replace("Save", "Keep")})).digest

    assert re.fullmatch("[0-9a-f]{12}", before)
    assert before != after
