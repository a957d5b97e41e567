"""Whatever people, portal, Slack and clock do, in whatever order, the incidents stay whole."""

import shutil
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from db.writer import open_database
from tests.examples import examples
from tests.incidents.walk import Walk
from tests.incidents.walk_house import House
from tests.incidents.walk_law import ON_SITE, STEPS
from tests.incidents.walk_rings import REASONS
from tests.incidents.walk_site import SITE_WAYS
from tests.incidents.walk_site_tours import SITE_TOURS
from tests.incidents.walk_tours import TOURS
from tests.incidents.walk_ways import WAYS, Way

WITHOUT_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
"""A walk is replayed in a second; to make one shorter takes minutes, and all that is known then is a time-out."""
DEEDS = (
    "press",
    "take",
    "release",
    "hand over",
    "note",
    "help",
    "correct",
    "park",
    "mute",
    "unmute",
    "reopen",
)
SITE_RINGS = {
    "volts",
    "stopped",
    "changed",
    "follows",
    "lapse",
    "online-under-lock",
    "gate-shut",
    "silent",
    "boot",
    "connection",
    "modem-failed",
    "sim-needed",
    "part-needed",
}


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("begins", "walks"), [(WAYS, 16), (SITE_WAYS, 12)], ids=["remote", "on site"])
def test_whatever_happens_the_incidents_stay_whole(
    begins: Mapping[str, Way], walks: int, migrated_file: Path, tmp_path: Path
) -> None:
    class Here(Walk):
        ways, migrated, folder = begins, migrated_file, tmp_path

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=examples(walks),
            phases=WITHOUT_SHRINKING,
            stateful_step_count=25,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.timeout(300)
async def test_every_step_every_deed_and_every_ring_is_on_a_tour(migrated_file: Path, tmp_path: Path) -> None:
    done = await _done_on(TOURS, migrated_file, tmp_path)
    wanted = {*(STEPS.keys() - ON_SITE), *DEEDS, *(f"ring {name}" for name in REASONS.keys() - SITE_RINGS)}
    assert wanted - done.keys() == set()


@pytest.mark.timeout(300)
async def test_every_way_through_a_visit_is_on_a_tour(migrated_file: Path, tmp_path: Path) -> None:
    done = await _done_on(SITE_TOURS, migrated_file, tmp_path)
    choices = {
        f"{name}.{choice['id']}"
        for name, step in ON_SITE.items()
        for choice in step["choice"]
        if "to" in choice
    }
    assert {
        *ON_SITE,
        *choices,
        "own locks",
        "cabinet shown",
        *(f"ring {name}" for name in SITE_RINGS),
    } - done.keys() == set()


async def _done_on(tours: Mapping[str, Way], migrated: Path, folder: Path) -> Counter[str]:
    """How often each step was stood at, each deed done and each phone rung on these tours."""
    done: Counter[str] = Counter()
    walked: set[Way] = set()  # tours begin alike: what stands there was looked at on the first of them
    for name, tour in tours.items():
        database = open_database(f"sqlite:///{shutil.copy(migrated, folder / f'{name}.db')}")
        house = House(database)
        try:
            for steps, act in enumerate(tour, start=1):
                house.known = tour[:steps] in walked
                await act(house)
                await house.holds()
                walked.add(tour[:steps])
            house.known = False
            await house.settles()
        except AssertionError as broken:
            broken.add_note(f"on the tour {name!r}")
            raise
        finally:
            await database.close()
        done.update(house.done)
        done.update(f"ring {row.ring}" for row in house.now.rows if row.ring)
    return done
