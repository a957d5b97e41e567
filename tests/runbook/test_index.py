"""Nothing of the manual is forgotten: a line is covered by a step, shown on the card, or named for later."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import RunbookWrong
from bot.runbook.index import Line, gaps, load_index
from bot.runbook.load import SHIPPED
from bot.runbook.model import Runbook
from tests.runbook.procedures import delivered_templates, with_step, written

# How many numbered lines each paragraph of the manual has.
NUMBERED = {"4.1": 5, "4.2": 3, "4.3": 2, "4.4": 4, "4.5": 5, "4.6": 4, "5": 9}


@pytest.fixture(scope="module")
def index() -> tuple[Line, ...]:
    """The index as it is delivered."""
    return load_index(SHIPPED / "manual.toml")


def missing(index: tuple[Line, ...], runbook: Runbook) -> tuple[str, ...]:
    """What is wrong between index and procedure."""
    return gaps(index, runbook, templates=delivered_templates())


def with_line(index: tuple[Line, ...], line_id: str, **changes: str | None) -> tuple[Line, ...]:
    """A copy in which one line is different."""
    return tuple(replace(line, **changes) if line.id == line_id else line for line in index)  # type: ignore[arg-type]


def test_every_line_of_the_manual_has_its_place(index: tuple[Line, ...], runbook: Runbook) -> None:
    assert missing(index, runbook) == ()


def test_the_index_has_every_numbered_line(index: tuple[Line, ...]) -> None:
    ids = {line.id for line in index}
    for paragraph, count in NUMBERED.items():
        for number in range(1, count + 1):
            numbered = f"{paragraph}.{number}"
            assert any(each == numbered or each.startswith(f"{numbered}.") for each in ids), numbered
        assert not any(each.startswith(f"{paragraph}.{count + 1}") for each in ids)


def test_the_index_holds_what_sections_1_to_3_ask(index: tuple[Line, ...]) -> None:
    words = " ".join(line.says for line in index if line.id[0] in "123")
    for term in (
        "10 minutes",
        "1-888-758-4389",
        "240 VAC",
        "0 VAC",
        "3.3 V",
        "0.56 Nm",
        "CAT II 300 V",
        "5/16",
    ):
        assert term in words


def test_a_line_nobody_covers_is_a_gap(index: tuple[Line, ...], runbook: Runbook) -> None:
    kept = tuple(line for line in runbook.steps["check-signal"].covers if line != "4.2.1")

    (gap,) = missing(index, with_step(runbook, "check-signal", covers=kept))
    assert gap.startswith("cp_err_wifi/manual.toml:")
    assert "4.2.1 needs exactly one place, it has: nowhere" in gap


def test_a_line_that_is_covered_and_shown_too_is_a_gap(index: tuple[Line, ...], runbook: Runbook) -> None:
    (gap,) = missing(with_line(index, "5.4", shown="card.j2"), runbook)
    assert "it has: verify-online and card.j2" in gap


def test_what_is_shown_names_a_template(index: tuple[Line, ...], runbook: Runbook) -> None:
    (gap,) = missing(with_line(index, "1.offline-charging", shown="crad.j2"), runbook)
    assert "is shown by crad.j2, which is no template" in gap


def test_a_step_covers_only_lines_there_are(index: tuple[Line, ...], runbook: Runbook) -> None:
    (gap,) = missing(index, with_step(runbook, "verify-signal", covers=("5.8", "5.10")))
    assert "verify-signal covers 5.10, which the index does not list" in gap


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[[line]]\nid = "4.1.1"\nsays = "a"\nnext = "b"\n', ":4: unknown key `next`"),
        ('[[line]]\nid = "4.1.1"\n', ":1: `says` is missing"),
        ('[[line]]\nid = "six"\nsays = "a"\n', ":2: id 'six' is not written as ids are"),
        ('[[line]]\nid = "5.1"\nsays = "a"\n[[line]]\nid = "5.1"\nsays = "b"\n', ":5: duplicate line '5.1'"),
    ],
)
def test_a_broken_index_is_refused_with_its_line(text: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(RunbookWrong) as raised:
        load_index(written(tmp_path, {"manual.toml": text}) / "manual.toml")
    assert says in str(raised.value)
