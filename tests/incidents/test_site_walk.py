"""Whoever does what on site, in whatever order: cabinet text stays behind both gates, locks stay their owner's."""

from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.examples import examples
from tests.incidents.site_walk import SiteWalk


def test_in_whatever_order_the_cabinet_text_is_behind_both_gates(migrated_file: Path, tmp_path: Path) -> None:
    class Here(SiteWalk):
        migrated, folder = migrated_file, tmp_path

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=examples(15),
            stateful_step_count=20,
            suppress_health_check=list(HealthCheck),
        ),
    )
