"""Every step of triage and proof, with a portal that is able, unable, and wrong.

Unable: the step's question stands there with buttons for a person, and goes on by itself when the portal can again.
Wrong: nothing moves by what the portal does not know, "not known" is not shown as "no", and nobody is rung twice.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from bot import looks
from bot.demo.portal import EVERYTHING, Mood
from bot.portal.contract import Capabilities, Capability
from db import queries
from db.queries import IncidentNow
from tests.incidents.desk import RULES
from tests.incidents.walk_law import ON_SITE
from tests.stories.pairs import NewWorld
from tests.world import SUPPORT, World

NOTHING_WRONG = {"active": "yes", "cap": "no", "carrier": "no", "defective": "no"}
PROOF = (
    "verify-online",
    "verify-alert-cleared",
    "get-configuration",
    "test-session",
    "verify-signal",
    "log-repair",
)
TO_RESTART = ("It is active", "Stop waiting")
TO_CALL = (*TO_RESTART, "It failed")
TO_PROOF = (*TO_RESTART, "I sent it", "3 minutes", "Back online")
TO_SESSION = (*TO_PROOF, "Online", "Cleared", "Cannot ask")


@dataclass(frozen=True)
class Case:
    """How a step is reached by hand, what it asks a person, and where an able portal leads it.

    `mended`: while it waits the station comes back. `look` is after how many minutes the portal is asked at the
    latest, `wrong_to` where else a portal that knows nothing may lead.
    """

    step: str
    way: Sequence[str]
    asks: Sequence[str]
    able: str
    sim: str | None = None
    mended: bool = False
    look: int = 3
    wrong_to: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return self.step


CASES = (
    Case(
        "confirm-alert",
        (),
        ("It is active", "Already cleared", "Not this station", "Cannot tell"),
        "wait-and-monitor",
    ),
    Case(
        "check-last-communication",
        ("no last communication",),
        ("Under 30 min ago", "30 min ago or more", "Cannot see"),
        "wait-and-monitor",
        wrong_to=frozenset({"restart-station", "wait-and-monitor"}),
    ),
    Case("wait-and-monitor", TO_RESTART[:1], ("Stop waiting",), "test-session", mended=True),
    Case(
        "restart-station",
        TO_RESTART,
        (
            "I sent it",
            "I sent it earlier",
            "Not offered",
            "It failed",
            "Cannot get in now",
            "Skip: call support",
        ),
        "restart-station",
    ),
    Case("wait-for-reconnect", TO_PROOF[:-1], ("Back online", "Still down"), "test-session", mended=True),
    Case("call-support", TO_CALL, ("Enter answers", "No answer, later", "Cannot call now"), "call-support"),
    Case(
        "order-sim",
        TO_CALL,
        ("Shipped, due on...", "SIM arrived", "Not coming"),
        "test-session",
        sim="defective",
        mended=True,
        look=61,
    ),
    Case(
        "wait-for-provider",
        TO_CALL,
        ("Provider: it is fixed", "Still down"),
        "test-session",
        sim="cap",
        mended=True,
        look=61,
    ),
    Case("check-area", (*TO_CALL, "No answer, later"), ("Others are down too", "No others"), "dispatch"),
    Case("carrier-outage", TO_CALL, ("Not an outage",), "test-session", sim="carrier", mended=True, look=16),
    Case(
        "dispatch",
        (*TO_CALL, "No answer, later", "No others"),
        ("Choose technician", "Enter visit results", "SIM is defective"),
        "test-session",
        mended=True,
    ),
    Case("verify-online", TO_PROOF, ("Online", "Not online"), "test-session", mended=True),
    Case(
        "verify-alert-cleared",
        (*TO_PROOF, "Online"),
        ("Cleared", "Still active"),
        "test-session",
        mended=True,
    ),
    Case(
        "get-configuration",
        (*TO_PROOF, "Online", "Cleared"),
        ("Answered in 5 s", "Slow or no answer", "Cannot ask"),
        "test-session",
        mended=True,
    ),
    Case(
        "test-session",
        TO_SESSION,
        ("Enter test session", "Waive: nobody on site"),
        "test-session",
        mended=True,
    ),
    Case(
        "verify-signal",
        (*TO_SESSION, "Waive: nobody on site"),
        ("2 bars or more", "Less than 2 bars", "Not shown"),
        "log-repair",
        mended=True,
    ),
    Case(
        "log-repair",
        (*TO_SESSION, "Waive: nobody on site", "Not shown"),
        ("Log the repair", "Not yet"),
        "log-repair",
        mended=True,
    ),
)

BLIND = (Mood.DOWN, Mood.GARBAGE, Mood.UNAUTHORISED, Mood.LOSES_ANSWERS)


async def now_at(world: World) -> IncidentNow:
    """The one incident as it stands."""
    found = await world.house.deps.db.read(queries.incident, 1)
    assert found is not None
    return found


async def can(world: World, capabilities: Capabilities) -> None:
    """From now on this is what the portal says it can do, and Relink knows it."""
    world.town.portal.capabilities = capabilities
    world.real.move(timedelta(seconds=61))
    await looks.refresh_abilities(world.house.deps)


async def reach(world: World, case: Case) -> None:
    """Walk to the step by what people press, while the portal can do nothing."""
    await can(world, Capabilities())
    await world.breaks()
    way = list(case.way)
    if way == ["no last communication"]:
        await world.alert()
        way = []
    else:
        await world.until("03:12")
    for label in way:
        if label == "3 minutes":
            await world.later(minutes=3)
        else:
            await world.press(SUPPORT, label)
    if case.sim is not None:
        await world.press(SUPPORT, "Enter answers")
        await world.fill(SUPPORT, **{**NOTHING_WRONG, case.sim: "yes"})
    if case.step in PROOF:
        # The car park is quiet: nothing is sent to Relink about it.
        world.town.fleet.set_fault("CT4G-20117", None)
    assert (await now_at(world)).step == case.step


def test_no_step_is_forgotten() -> None:
    remote = tuple(step for step in RULES.runbook.order if step not in ON_SITE)
    assert tuple(case.step for case in CASES) == remote, "the steps on site have stories of their own"


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_unable_a_person_is_asked_and_able_again_it_goes_on_by_itself(world: World, case: Case) -> None:
    await reach(world, case)
    before = len(world.rung())

    await world.later(minutes=6)
    assert (await now_at(world)).step == case.step, "nothing moves without anybody's word"
    mine = [label for label in world.buttons() if label in case.asks]
    assert mine == list(case.asks), world.buttons()
    assert most_rung(world, before) <= 1

    await can(world, EVERYTHING)
    if case.mended:
        world.town.fleet.set_fault("CT4G-20117", None)
    await world.later(minutes=case.look + 3)
    assert (await now_at(world)).step == case.able
    if case.able == "restart-station":
        assert world.buttons()[0] == "Restart station"


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_a_portal_that_cannot_be_read_moves_nothing_and_knows_nothing(world: World, case: Case) -> None:
    await reach(world, case)
    before = len(world.rung())
    await can(world, EVERYTHING)

    for mood in BLIND:
        world.town.portal.mood = mood
        await world.later(minutes=case.look)
        assert (await now_at(world)).step in {case.step, *case.wrong_to}, mood
    world.town.portal.mood = Mood.WELL
    world.outside.portal_is_slow = True
    await world.later(minutes=case.look - 1)

    assert (await now_at(world)).step in {case.step, *case.wrong_to}
    assert most_rung(world, before) <= 1, world.rung()
    shown = world.shown()
    assert "Others nearby: not known" in shown
    assert "`NO   `" not in shown
    assert "Car charging? No" not in shown
    assert "cleared: yes" not in shown


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_a_portal_that_tells_of_another_time_or_station_moves_nothing(world: World, case: Case) -> None:
    await reach(world, case)
    before = len(world.rung())
    await can(world, Capabilities(status=Capability.AUTO))
    opposite = case.step not in PROOF

    for lie in lies(world, opposite):
        world.outside.status_says = lie
        await world.later(minutes=case.look)
        incident = await now_at(world)
        assert incident.step in {case.step, *case.wrong_to}, lie
        heard = incident.last_communication
        assert heard is None or heard <= world.clock.now(), lie
    assert most_rung(world, before) <= 1, world.rung()


def lies(world: World, opposite: bool) -> list[dict[str, Any]]:
    """What a portal says of a station's status that must not be believed."""
    hour = timedelta(hours=1)
    return [
        {"online": opposite, "as_of": (world.clock.now() - hour).isoformat()},
        {"online": opposite, "id": "1:99999"},
        {"online": None, "last_communication": (world.clock.now() + 5 * hour).isoformat()},
    ]


def most_rung(world: World, before: int) -> int:
    """How often the phone that rang most has rung since."""
    return max(Counter(who for _, who in world.rung()[before:]).values(), default=0)


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.step in {"confirm-alert", "check-area"}], ids=str
)
async def test_without_any_portal_the_same_question_stands_there(new_world: NewWorld, case: Case) -> None:
    async with new_world(by_hand=True) as world:
        await world.breaks()
        await world.until("03:12")
        for label in case.way:
            await world.press(SUPPORT, label)

        assert [label for label in world.buttons() if label in case.asks] == list(case.asks)
        assert world.outside.questions == []
