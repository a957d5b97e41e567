"""Most likely: counted, smoothed, never without enough cases, and better than always saying the same."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from bot.demo.history import give_a_past
from bot.demo.stories import demo_stations
from bot.likely import LEAST, RESTARTS, Case, Likely, evidence_of, keys_of, most_likely, quarter_of
from bot.reports.causes import CAUSES
from db.tallies import Evidence, Tally
from tests.made_up import fleet, give_past, rows_of

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
CASE = Case(7, "Pier 9", "north", "T-Mobile", 2, 0, "helped")
HALF_AN_HOUR = 30 * 60
Tallies = Mapping[str, Mapping[str, int]]


def told(tallies: Tallies, case: Case = CASE) -> Likely | None:
    """What these tallies say of a case; they are by level."""
    keys = keys_of(case)
    return most_likely(keys, {keys[level]: counts for level, counts in tallies.items()})


# What counts


@pytest.mark.parametrize("fix", sorted(CAUSES))
def test_every_fix_is_evidence_or_says_nothing(fix: str) -> None:
    says_nothing = fix in {"false alarm", "could not complete"}
    assert (evidence_of(fix, HALF_AN_HOUR) is None) is says_nothing


def test_what_healed_before_anybody_was_asked_is_no_evidence_and_later_it_is() -> None:
    assert evidence_of("recovered by itself", HALF_AN_HOUR - 1) is None
    assert evidence_of("recovered by itself", HALF_AN_HOUR) == "by itself"
    assert evidence_of("modem power cycle", 60) == "modem hang", "somebody restarted it early"


def test_a_modem_that_hangs_is_not_one_that_is_broken() -> None:
    assert evidence_of("modem power cycle", 3600) != evidence_of("modem replaced", 3600)


def test_no_fix_is_no_evidence() -> None:
    assert evidence_of(None, 3600) is None


# Likeness


def test_levels_go_from_the_station_to_all_and_leave_out_what_is_not_known() -> None:
    assert list(keys_of(CASE)) == ["hours", "station", "area", "site", "kind", "all"]
    bare = Case(7, None, None, None, None, 3, "none")
    assert list(keys_of(bare)) == ["hours", "station", "all"]


def test_what_differs_is_counted_apart() -> None:
    others = [
        replace(CASE, station=8),
        replace(CASE, site="Hill"),
        replace(CASE, area="south"),
        replace(CASE, carrier="AT&T"),
        replace(CASE, generation=1),
        replace(CASE, quarter=1),
        *(replace(CASE, restart=restart) for restart in RESTARTS if restart != CASE.restart),
    ]
    for other in others:
        assert keys_of(other) != keys_of(CASE)
        assert keys_of(other)["all"] == keys_of(CASE)["all"]


def test_the_hour_is_told_in_utc_whatever_zone_it_comes_in() -> None:
    moment = datetime(2026, 11, 22, 5, 59, tzinfo=UTC)
    assert [quarter_of(moment + timedelta(hours=hours)) for hours in (0, 1, 7, 13)] == [0, 1, 2, 3]
    assert quarter_of(moment.astimezone(timezone(timedelta(hours=14)))) == 0


# What is said


def test_nothing_is_said_below_the_least_number_of_cases() -> None:
    assert told({}) is None
    assert told({"station": {"modem hang": LEAST - 1}}) is None
    few = told({"station": {"modem hang": LEAST}})
    assert few == Likely("modem hang", LEAST, LEAST, "station")


def test_the_most_specific_level_with_enough_cases_answers_with_its_own_counts() -> None:
    tallies = {
        "station": {"modem hang": 14, "SIM": 5},
        "site": {"antenna": 30, "modem hang": 14, "SIM": 5},
        "all": {"carrier": 900, "antenna": 30},
    }
    assert told(tallies) == Likely("modem hang", 14, 19, "station")
    assert told({**tallies, "station": {"modem hang": 2, "SIM": 1}}) == Likely("antenna", 30, 49, "site")


def test_a_tie_at_the_station_goes_to_what_others_have_more_often() -> None:
    tie = {"station": {"SIM": 3, "antenna": 3}}
    assert told({**tie, "all": {"SIM": 90, "antenna": 10}}) == Likely("SIM", 3, 6, "station")
    assert told({**tie, "all": {"SIM": 10, "antenna": 90}}) == Likely("antenna", 3, 6, "station")


def test_what_is_said_is_always_the_biggest_count_of_its_level() -> None:
    """Three against two of five: the others pull the other way, so the station is passed over."""
    said = told({"station": {"SIM": 3, "antenna": 2}, "all": {"antenna": 900, "SIM": 1}})
    assert said == Likely("antenna", 900, 901, "all")


# How good it is


def test_it_hits_more_often_than_always_saying_the_most_frequent_cause(
    sqlite_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Trained on the first two thirds of a made-up year, asked about the last third, which it has not seen."""
    give_past(sqlite_url, fleet(120), NOW, incidents=2_400, days=365, trail=0)
    evidence = rows_of(sqlite_url, Evidence)["evidence"]
    cases = [(keys_of(Case(*case)), cause) for _, cause, *case in sorted(evidence)]
    first, rest = cases[: len(cases) * 2 // 3], cases[len(cases) * 2 // 3 :]
    tallies: dict[str, Counter[str]] = defaultdict(Counter)
    for keys, cause in first:
        tallies.update({key: tallies[key] + Counter([cause]) for key in keys.values()})

    always = tallies["all"].most_common(1)[0][0]
    base = sum(cause == always for _, cause in rest) / len(rest)
    said = [(most_likely(keys, tallies), cause) for keys, cause in rest]
    hits = sum(answer is not None and answer.cause == cause for answer, cause in said) / len(rest)

    with capsys.disabled():
        print(  # noqa: T201 (the figures are the point)
            f"\nmost likely: {hits:.0%} of {len(rest)} unseen incidents right;"
            f' always "{always}": {base:.0%} (trained on {len(first)})'
        )
    assert hits > base + 0.1


def test_the_demo_knows_what_its_first_station_suffers_from(sqlite_url: str) -> None:
    stations = [simulated.station for simulated in demo_stations()]
    give_a_past(sqlite_url, stations, NOW)
    tallies: dict[str, dict[str, int]] = {}
    for key, cause, count in rows_of(sqlite_url, Tally)["tallies"]:
        tallies.setdefault(key, {})[cause] = count
    first = stations[0]
    for quarter in range(4):
        case = Case(1, first.site, first.area, first.carrier, first.generation, quarter, "helped")
        answer = most_likely(keys_of(case), tallies)
        assert answer is not None
        assert answer.cause == "modem hang"
