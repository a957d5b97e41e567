"""What the readings at the contactor input decide (manual 2 and 4.3 (1)): 0 V three times, and a meter proved."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.runbook.judge_forms import LIVE_VOLTS, MOST_VOLTS, TO_MEASURE
from tests.runbook.typed import decided, facts_of_a_visit, outcome, wrong

ONE_LEFT, MORE_LEFT = {"circuits": "one"}, {"circuits": "more"}
ZERO = {"meter": "M-7", "before": "120", "after": "119.5", **dict.fromkeys(TO_MEASURE, "0")}

tenths = st.integers(-10 * MOST_VOLTS, 10 * MOST_VOLTS).map(lambda tenth: f"{tenth / 10:.1f}")
sources = st.integers(10 * int(LIVE_VOLTS), 10 * MOST_VOLTS).map(lambda tenth: f"{tenth / 10:.1f}")
zeros = st.sampled_from(["0", "0.0", "0.00", "-0", "+0", "000", "-0.0"])
readings = st.fixed_dictionaries(dict.fromkeys(("before", *TO_MEASURE, "after"), tenths))


@given(readings, facts_of_a_visit)
def test_the_gate_opens_only_for_three_times_zero_between_two_proofs_of_the_meter(
    values: dict[str, str], facts: dict[str, str]
) -> None:
    said = decided("zero-volts", values, facts)
    dead = all(float(values[name]) == 0 for name in TO_MEASURE)
    proved = all(abs(float(values[name])) >= LIVE_VOLTS for name in ("before", "after"))

    assert (said in {"all-proved", "circuit-proved"}) == (dead and proved)
    assert (said == "not-zero") == (not dead)
    assert said != "all-proved" or facts["circuits"] == "one"


@given(zeros, zeros, zeros, sources, sources)
def test_zero_is_zero_however_it_is_written(one: str, two: str, three: str, before: str, after: str) -> None:
    volts = {**dict(zip(TO_MEASURE, (one, two, three), strict=True)), "before": before, "after": after}

    assert decided("zero-volts", volts, ONE_LEFT) == "all-proved"
    assert decided("zero-volts", volts, MORE_LEFT) == "circuit-proved"


@pytest.mark.parametrize("facts", [{}, {"circuits": "none"}, {"circuits": ""}, {"circuits": "two"}])
def test_nothing_is_proved_for_all_circuits_unless_one_is_left(facts: dict[str, str]) -> None:
    assert decided("zero-volts", ZERO, facts) == "circuit-proved"


@pytest.mark.parametrize("name", TO_MEASURE)
@pytest.mark.parametrize("volts", ["0.1", "-0.1", "0.000001", "1", "119.9", "-1000"])
def test_a_tenth_of_a_volt_anywhere_is_not_zero(name: str, volts: str) -> None:
    assert decided("zero-volts", {**ZERO, name: volts}, ONE_LEFT) == "not-zero"
    # Also where the meter proves nothing: volts were found.
    assert decided("zero-volts", {**ZERO, name: volts, "after": "0"}, ONE_LEFT) == "not-zero"


@pytest.mark.parametrize("name", ["before", "after"])
@pytest.mark.parametrize(
    ("volts", "said"),
    [
        *(("0", "meter-not-proved"), ("99.9", "meter-not-proved"), ("-99.9", "meter-not-proved")),
        *(("100", "all-proved"), ("-120", "all-proved"), ("1000", "all-proved")),
    ],
)
def test_a_known_source_shows_at_least_100_volts_before_and_after(name: str, volts: str, said: str) -> None:
    assert decided("zero-volts", {**ZERO, name: volts}, ONE_LEFT) == said


@pytest.mark.parametrize("name", ["before", *TO_MEASURE, "after"])
@pytest.mark.parametrize(
    "typed",
    [
        *("", " ", "zero", "0 V", "0,0", "1,000", "nan", "NaN", "inf", "-Infinity", "1e2", "1e-400", "0x0"),
        *("0_0", "\u0660", "--0", "0-", ".", "0.", ".0", "0.0000000", "1001", "-1000.1", "999999999"),
    ],
)
def test_what_is_no_reading_of_a_meter_is_asked_for_again(name: str, typed: str) -> None:
    assert wrong("zero-volts", {**ZERO, name: typed}, ONE_LEFT) == {name}


@given(st.text(max_size=12))
def test_whatever_is_typed_it_is_a_number_or_refused(typed: str) -> None:
    said = outcome("zero-volts", {**ZERO, "l1-ground": typed}, ONE_LEFT)
    assert said == {"l1-ground"} or (said == "all-proved") == (float(typed) == 0)


def test_a_reading_that_is_missing_is_no_zero() -> None:
    assert wrong("zero-volts", {"before": "120"}) == {*TO_MEASURE, "after"}
