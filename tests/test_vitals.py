"""When something of Relink's own is said, when it is over, and whose clock counts."""

from datetime import timedelta

import pytest

from bot.vitals import LIMITS, LOOKS, Trouble, believes_machine, judge

ILL = LIMITS[Trouble.PORTAL] + 1
HOUR, MINUTES_10, SECOND = timedelta(hours=1), timedelta(minutes=10), timedelta(seconds=1)


def told(course: str) -> list[str]:
    """What is said over these looks: `x` ill, `.` well; what was said stands until it is over."""
    looks: dict[Trouble, int] = {}
    standing: set[Trouble] = set()
    said: list[str] = []
    for number, state in enumerate(course):
        seconds = {Trouble.PORTAL: ILL if state == "x" else 0.0}
        judged = judge(seconds, looks, standing)
        looks = dict(judged.looks)
        said += [f"begun {number}" for _ in judged.begun] + [f"over {number}" for _ in judged.over]
        standing = (standing | {*judged.begun}) - {*judged.over}
    return said


@pytest.mark.parametrize(
    ("course", "said"),
    [
        ("....", []),
        (".x.x.x.", []),
        (".xx", ["begun 2"]),
        ("xxxxxxxx", ["begun 1"]),
        ("xx.x.xx", ["begun 1"]),
        ("xx..", ["begun 1", "over 3"]),
        ("xx..xx..", ["begun 1", "over 3", "begun 5", "over 7"]),
    ],
)
def test_it_is_said_once_from_beginning_to_end_and_not_for_a_moment(course: str, said: list[str]) -> None:
    assert told(course) == said


def test_what_was_told_before_a_restart_is_not_told_again_and_ends() -> None:
    well = judge({}, {}, {Trouble.TIMERS})
    assert (well.begun, well.over) == ((), ())
    assert judge({}, well.looks, {Trouble.TIMERS}).over == (Trouble.TIMERS,)


def test_everything_is_told_within_two_minutes() -> None:
    """The looks are 15 seconds apart."""
    assert all(limit + (LOOKS + 1) * 15 < 120 for limit in LIMITS.values())


@pytest.mark.parametrize(
    ("step", "ours", "believed"),
    [
        (SECOND, None, True),
        (HOUR, None, False),
        (HOUR, timedelta(0), False),
        (-HOUR, SECOND, False),
        (HOUR, -HOUR, True),
        (-MINUTES_10, MINUTES_10 + SECOND, True),
        (HOUR, MINUTES_10, False),
    ],
    ids=["a correction", "nobody knows", "forward, wrongly", "back, wrongly", "put right", "late", "worse"],
)
def test_a_clock_that_was_set_is_followed_only_where_slack_agrees(
    step: timedelta, ours: timedelta | None, believed: bool
) -> None:
    assert believes_machine(step, ours) is believed
