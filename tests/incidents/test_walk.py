"""Whatever people, portal and clock do, in whatever order, the incidents stay whole."""

from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.incidents.walk import Walk


def test_whatever_happens_the_incidents_stay_whole(migrated_file: Path, tmp_path: Path) -> None:
    class Here(Walk):
        migrated, folder = migrated_file, tmp_path

    run_state_machine_as_test(
        Here,
        settings=settings(
            deadline=None,
            max_examples=25,
            stateful_step_count=25,
            suppress_health_check=list(HealthCheck),
        ),
    )
