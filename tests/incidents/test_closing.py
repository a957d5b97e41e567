"""What closing leaves behind: the fix, a flagged modem or none, the log, no timer."""

import pytest

from bot.incidents.values import Values
from bot.runbook.model import FINDINGS
from tests.incidents.desk import BY_HAND, REASON, REPAIR_LOG, Desk, alert

FIXES = sorted(FINDINGS["fix"])


@pytest.mark.parametrize("fix", FIXES)
async def test_only_a_modem_power_cycle_flags_the_modem(desk: Desk, fix: str) -> None:
    """Manual 5 (9): no hardware issue found and back after a power cycle."""
    desk.capabilities = BY_HAND
    await desk.opened()
    await desk.press("give-up", values=REASON)
    await desk.press("log", values=Values(REPAIR_LOG, {"fix": fix}))
    station = await desk.station()
    flagged = station["modem_flagged_at"] == desk.now and bool(station["modem_flag_reason"])
    assert flagged is (fix == "modem power cycle")
    assert (await desk.incident()).fix == fix


async def test_closing_keeps_what_was_typed_posts_the_log_and_leaves_no_timer(desk: Desk) -> None:
    await desk.proved()
    fields = {"fix": "modem power cycle", "note": "hung again", "follow-up": "swap it in May"}
    await desk.press("log", values=Values(REPAIR_LOG, fields))
    incident = await desk.incident()
    assert (incident.closed_at, incident.step) == (desk.now, "log-repair")
    assert await desk.timers() == {}
    assert (await desk.lines())[-1] == "log/repair-log.j2"
    (said,) = [each for each in await desk.answers() if each.name == REPAIR_LOG]
    assert (said.value, said.source) == (fields, "person")


async def test_a_modem_flagged_before_stays_flagged(desk: Desk) -> None:
    await desk.closed()
    flagged_at = (await desk.station())["modem_flagged_at"]
    desk.later(hours=30)
    await desk.take(alert("a-2", raised_at=desk.now, last_communication=None))
    desk.capabilities = BY_HAND
    await desk.press("give-up", values=REASON, incident=2)
    await desk.press("log", values=Values(REPAIR_LOG, {"fix": "false alarm"}), incident=2)
    assert (await desk.station())["modem_flagged_at"] == flagged_at
