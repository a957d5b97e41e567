"""Every benchmark runs, with tiny numbers; nothing here says how fast."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench import alerts, clicks, mornings, serving
from tests.bench.report import Line, table
from tests.bench.volley import Client


@pytest.fixture(autouse=True)
def memory_as_before() -> Iterator[None]:
    """A benchmark has the collector set as a running bot has; other tests shall not."""
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """The process that sends."""
    with Client() as one:
        yield one


def figures(lines: list[Line]) -> list[str]:
    """The lines' names; every figure must be one."""
    assert all(line.found > 0 for line in lines)
    return [line.name for line in lines]


async def test_every_measured_click_is_a_move_that_was_made(tmp_path: Path, client: Client) -> None:
    lines = await clicks.measure(tmp_path, client, rounds=1, clicks=3)

    assert figures(lines) == ["clicks, of bare Bolt", "ack of a click, p99"]


async def test_every_measured_alert_opens_an_incident(tmp_path: Path, client: Client) -> None:
    lines = await alerts.measure(tmp_path, client, rounds=1, alerts=3)

    assert figures(lines) == ["alerts, of the direct call"]


async def test_the_real_process_is_weighed_and_answers_an_alert_with_a_card(
    tmp_path: Path, client: Client
) -> None:
    lines = await serving.measure(tmp_path, client, stations=1)

    assert figures(lines) == ["memory of an idle serve", "alert to first card, slowest"]


def test_the_mornings_are_asked_of_both_databases(tmp_path: Path) -> None:
    lines = mornings.measure(tmp_path, incidents=300)

    names = [line.name for line in lines if line.unit != "MB"]
    assert names == [
        f"{what}, {kind}" for kind in ("SQLite", "PostgreSQL") for what in ("digest", "Home", "history")
    ]
    assert all(line.found > 0 for line in lines if line.unit != "MB")


def test_the_table_marks_what_is_out_of_its_bound() -> None:
    lines = [
        Line("enough", 0.5, "of the limit", at_least=0.5),
        Line("too little", 0.4, "of the limit", at_least=0.5),
        Line("too much", 121, "MB", at_most=120, details={"p50_ms": 3.0, "ratios": [1.0]}),
    ]

    _, enough, too_little, too_much = table(lines).splitlines()

    assert "MISSED" not in enough
    assert "MISSED" in too_little
    assert too_much.endswith("MISSED  p50 ms 3")
