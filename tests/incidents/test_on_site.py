"""What a technician does at the station leaves behind: findings, silence under a lock, a gate that lapses."""

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from bot.errors import Refused
from bot.incidents import locks, progress
from bot.people import Person
from bot.runbook.press import Press
from db.models import Outgoing
from tests.incidents import site
from tests.incidents.desk import LEAD, ONE, RULES, TWO, Desk
from tests.incidents.site import NEXT, ONE_LOCK, TECH, UNLOCK, form

HOUR, MOMENT = timedelta(hours=1), timedelta(microseconds=1)
CABINET = {"sim": "fine", "antenna": "fine"}


# Silence under a lock


async def test_a_lock_arms_the_silence_and_each_move_of_its_technician_moves_it(desk: Desk) -> None:
    await site.at_lock_out(desk)
    assert "silent" not in await desk.timers()
    await site.lock_out(desk)
    assert (await desk.timers())["silent"] == desk.now + HOUR
    desk.later(minutes=10)
    await site.measure(desk, after="0")

    assert (await desk.incident()).spoke_at == desk.now
    assert (await desk.timers())["silent"] == desk.now + HOUR


async def test_what_relink_does_breaks_no_silence_and_who_follows_begins_their_own(desk: Desk) -> None:
    await site.locked(desk)
    spoke_at = desk.now
    desk.later(minutes=10)
    await desk.look(online=False)
    assert (await desk.incident()).spoke_at == spoke_at
    assert (await desk.timers())["silent"] == spoke_at + HOUR

    await site.change(desk)
    assert (await desk.incident()).spoke_at == desk.now
    assert (await desk.timers())["silent"] == desk.now + HOUR


async def test_silence_calls_the_leads_again_and_again_and_takes_no_lock_off(desk: Desk) -> None:
    await site.locked(desk)
    for times in (1, 2, 3):
        desk.later(hours=1)
        await desk.look(online=False)
        assert (await desk.lines()).count("rings/silent.j2") == times
        assert (await desk.timers())["silent"] == desk.now + HOUR
    await desk.stands("verify-zero-volts")
    assert len(await site.standing(desk)) == 1
    (last,) = [row for row in await site.rows(desk, "line") if row["template"] == "rings/silent.j2"][-1:]
    assert last["payload"]["broadcast"] is True


async def test_the_silence_is_over_when_the_lock_is_off(desk: Desk) -> None:
    await site.at_restore(desk)
    assert "silent" in await desk.timers()
    await desk.press("unlock", TECH, form("unlock", UNLOCK))

    assert set(await desk.timers()) == {"look"}


async def test_a_silence_claimed_before_the_technician_spoke_calls_nobody(desk: Desk) -> None:
    await site.locked(desk)
    desk.later(hours=1)
    (silent,) = [one for one in await desk.due() if one.kind == "silent"]
    await site.measure(desk)

    assert await desk.looked(silent) is False
    assert "rings/silent.j2" not in await desk.lines()


# The gate lapses


async def test_the_gate_lapses_twelve_hours_after_zero_volts_whatever_was_done_meanwhile(desk: Desk) -> None:
    await site.gate_open(desk)
    opened = desk.now
    assert (await desk.timers())["gate"] == opened + 12 * HOUR
    desk.later(hours=11)
    await desk.press("opened", TECH)
    assert ((await desk.incident()).zero_at, (await desk.timers())["gate"]) == (opened, opened + 12 * HOUR)
    desk.now, desk.real = opened + 12 * HOUR, opened + 12 * HOUR
    for one in await desk.due():
        if one.kind == "gate":
            await desk.looked(one)

    assert ((await desk.incident()).step, (await desk.incident()).zero_at) == ("lock-out", None)
    assert (await site.measured(desk), "gate" in await desk.timers()) == ([False], False)
    assert (await desk.lines())[-2:] == ["rings/lapse.j2", "rings/gate-shut.j2"]


@pytest.mark.parametrize(("after", "moves"), [(12 * HOUR - MOMENT, True), (12 * HOUR, False)])
async def test_by_its_age_alone_the_gate_is_shut(desk: Desk, after: timedelta, moves: bool) -> None:
    """Also where no timer has run: nothing inside is offered or taken any more."""
    await site.gate_open(desk)
    desk.now += after
    if moves:
        await desk.press("opened", TECH)
        return
    with pytest.raises(Refused, match="Not before 0 V is proved"):
        await desk.press("opened", TECH)
    with pytest.raises(Refused):
        await desk.press("lapse", TECH)
    await desk.press("stop", TECH)
    assert ((await desk.incident()).step, await site.measured(desk)) == ("close-cabinet", [False])


async def test_a_lapse_that_was_claimed_before_the_gate_was_shut_changes_nothing(desk: Desk) -> None:
    await site.gate_open(desk)
    desk.later(hours=12)
    (lapse,) = [one for one in await desk.due() if one.kind == "gate"]
    await desk.press("stop", TECH)

    assert await desk.looked(lapse) is False
    await desk.stands("close-cabinet")
    assert "gate" not in await desk.timers()


@pytest.mark.parametrize("begin", ["locked", "gate_open"])
async def test_online_under_a_lock_shuts_the_gate_and_calls_the_leads(desk: Desk, begin: str) -> None:
    await getattr(site, begin)(desk)
    desk.later(minutes=3)
    await desk.look(online=True)

    await desk.stands("lock-out")
    assert ((await desk.incident()).zero_at, await site.measured(desk)) == (None, [False])
    assert (await desk.lines())[-2:] == ["rings/online-under-lock.j2", "rings/gate-shut.j2"]
    assert len(await site.standing(desk)) == 1


async def test_offline_or_not_known_under_a_lock_changes_nothing(desk: Desk) -> None:
    await site.gate_open(desk)
    for online in (False, None, False):
        desk.later(minutes=3)
        await desk.look(online=online)
    await desk.stands("open-cabinet")


# Findings, fix, power


@pytest.mark.parametrize(
    ("choice", "to"),
    [("sim-damaged", "order-sim"), ("sim-foreign", "order-sim"), ("part-needed", "modem-failed")],
)
async def test_what_has_to_be_replaced_decides_where_the_power_leads(
    desk: Desk, choice: str, to: str
) -> None:
    await site.gate_open(desk)
    await desk.press("opened", TECH)
    if choice == "part-needed":
        await desk.press("sim-fine", TECH)
    await desk.press(choice, TECH)
    await desk.press("closed-up", TECH)
    await desk.press("unlock", TECH, form("unlock", UNLOCK))

    incident = await desk.incident()
    assert (incident.step, incident.needs) == (to, "sim" if to == "order-sim" else "part")


@pytest.mark.parametrize(
    ("found", "fix", "needs"),
    [
        ({}, None, None),
        ({"sim": "was loose"}, "SIM reseat", None),
        ({"sim": "cleaned", "antenna": "was off, put right"}, "antenna reconnection", None),
        ({"sim": "damaged"}, None, "sim"),
        ({"sim": "replaced", "antenna": "part needed"}, "SIM replaced", "part"),
    ],
)
@pytest.mark.parametrize("late", [False, True])
async def test_all_answers_at_once_are_the_same_early_and_late(
    desk: Desk, found: dict[str, str], fix: str | None, needs: str | None, late: bool
) -> None:
    await site.gate_open(desk)
    if late:
        for choice in ("opened", "stop", "closed-up"):
            await desk.press(choice, TECH)
    door, step = ("late-answers", "restore-power") if late else ("all-answers", "close-cabinet")
    await desk.press(door, TECH, form("cabinet", CABINET | found))

    incident = await desk.incident()
    assert (incident.step, incident.needs) == (step, needs or "none")
    # A restart was tried before, and it is no fix of this visit.
    assert incident.fix == fix


async def test_back_after_nothing_was_found_it_was_the_power_cycle(desk: Desk) -> None:
    await site.at_restore(desk)
    await desk.press("unlock", TECH, form("unlock", UNLOCK))

    incident = await desk.incident()
    assert (incident.step, incident.fix, incident.remedy_at) == (
        "wait-for-boot",
        "modem power cycle",
        desk.now,
    )


async def test_the_technician_never_becomes_the_owner(desk: Desk) -> None:
    await site.asked(desk)
    assert (await desk.incident()).owner == ONE.user_id
    await desk.press("accept", TECH)
    await desk.press("on-site", TECH)
    assert ((await desk.incident()).owner, (await desk.incident()).technician) == (ONE.user_id, TECH.user_id)


@pytest.mark.parametrize("person", [ONE, TWO, LEAD, NEXT])
async def test_only_who_was_asked_accepts_and_arrives(desk: Desk, person: Person) -> None:
    await site.asked(desk)
    with pytest.raises(Refused):
        await desk.press("accept", person)
    await desk.press("accept", TECH)
    with pytest.raises(Refused):
        await desk.press("on-site", person)
    await desk.stands("dispatch")


# A restart and a lock


async def state(desk: Desk, **values: str) -> None:
    """The one command there is becomes so."""

    def change(session: Session) -> None:
        session.execute(update(Outgoing).where(Outgoing.kind == "command").values(**values))

    await desk.db.write(change)


@pytest.mark.parametrize("waiting", ["new", "retry"])
async def test_a_restart_that_has_not_left_is_cancelled_by_the_lock(desk: Desk, waiting: str) -> None:
    await site.at_lock_out(desk)
    await state(desk, state=waiting)
    await site.lock_out(desk)

    (command,) = await site.rows(desk, "command")
    assert (command["state"], command["reason"]) == ("dead", "a lock was put on")


async def test_no_lock_while_a_restart_is_on_its_way(desk: Desk) -> None:
    await site.at_lock_out(desk)
    await state(desk, state="sending")
    with pytest.raises(Refused, match="on its way"):
        await site.lock_out(desk)
    assert await site.locks_of(desk) == []

    await state(desk, state="sent")
    await site.lock_out(desk)
    assert len(await site.standing(desk)) == 1


# Forms behind the gate


async def gated(desk: Desk, choice: str = "all-answers") -> bool:
    """Does the form behind this button belong to a step that needs 0 V?"""
    pressed = Press(1, (await desk.incident()).turn, choice)
    return (await desk.db.read(progress.ask, pressed, TECH, RULES, desk.now)).gated


async def views(desk: Desk) -> list[str]:
    """How the remembered forms stand."""
    return [row["state"] for row in await site.rows(desk, "view")]


async def test_a_form_behind_the_gate_is_remembered_and_blanked_when_it_shuts(desk: Desk) -> None:
    await site.gate_open(desk)
    assert await gated(desk)
    await desk.db.write(locks.keep_view, 1, "V1", desk.now)
    await desk.press("opened", TECH)
    assert await views(desk) == ["sent"]
    await desk.press("stop", TECH)

    assert await views(desk) == ["new"]


async def test_a_form_that_opened_as_the_gate_shut_is_blanked_at_once(desk: Desk) -> None:
    await site.gate_open(desk)
    await desk.press("stop", TECH)
    await desk.db.write(locks.keep_view, 1, "V1", desk.now)
    await desk.db.write(locks.keep_view, 1, "V1", desk.now)

    assert await views(desk) == ["new"]


async def test_a_form_before_the_gate_is_not_remembered(desk: Desk) -> None:
    await site.locked(desk, ONE_LOCK)
    assert not await gated(desk, "measure")
