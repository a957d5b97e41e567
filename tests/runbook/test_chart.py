"""The Mermaid chart of the procedure."""

import re

from bot.runbook.chart import charts, markdown
from bot.runbook.model import Runbook
from tests.runbook.procedures import shipped


def test_the_chart_is_the_same_every_time(runbook: Runbook) -> None:
    assert markdown(runbook) == markdown(shipped())


def test_every_step_and_every_choice_that_leads_somewhere_is_on_the_chart(runbook: Runbook) -> None:
    chart = markdown(runbook)

    for step in runbook.steps.values():
        assert f'["{step.id}<br>{step.paragraph}"]' in chart
        arrows = "".join(re.findall(rf"^    {step.id.replace('-', '_')} -.*$", chart, re.MULTILINE))
        words = re.split(r"[|/ ]+", arrows)
        assert all(choice.id in words for choice in step.choices if choice.to is not None)


def test_choices_between_the_same_two_steps_share_an_arrow(runbook: Runbook) -> None:
    assert "check_last_communication -->|older / not-known| restart_station" in markdown(runbook)


def test_what_relink_does_alone_is_dotted(runbook: Runbook) -> None:
    chart = markdown(runbook)

    assert "wait_and_monitor -.->|silent| restart_station" in chart
    assert "log_repair -->|log| closed" in chart
    assert 'any_1(["any step before verify-online"])' in chart
    assert "any_1 -.->|recovered| verify_online" in chart


def test_every_arrow_ends_at_a_node_that_is_drawn(runbook: Runbook) -> None:
    for chart in charts(runbook):
        nodes = set(re.findall(r"^    (\w+)[\[(]", chart.text, re.MULTILINE))
        ends = re.findall(r"^    (\w+) -\.?->?.*\| (\w+)$", chart.text, re.MULTILINE)

        assert len(ends) == chart.text.count("|") // 2
        assert all({start, end} <= nodes for start, end in ends)


def test_every_chart_is_small_enough_to_be_read(runbook: Runbook) -> None:
    for chart in charts(runbook):
        lines = chart.text.splitlines()

        assert lines[0] == "flowchart TD"
        assert len(lines) <= 90
        assert max(map(len, lines)) <= 110
