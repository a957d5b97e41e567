"""What holds for every judgement, whatever was read."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.portal.contract import Capabilities, Capability, Outcome, Signal
from bot.runbook.judge import JUDGEMENTS, RESULTS, Situation
from tests.runbook.situations import ALERT, CODE, NOW, alarm, answered, seen

readings = st.integers(-3 * 60, 60).map(lambda minutes: NOW + timedelta(minutes=minutes))
moments = st.none() | readings
statuses = st.none() | st.builds(seen, st.sampled_from([True, False, None]), readings, moments)
situations = st.builds(
    replace,
    st.just(ALERT),
    last_communication=moments,
    remedy_at=moments,
    back_at=moments,
    entered_at=readings,
    promised_at=moments,
    deadline_at=moments,
    visit=st.sampled_from([None, "asked", "accepted", "on site"]),
    touched=st.booleans(),
    capabilities=st.none() | st.builds(Capabilities, *[st.sampled_from(Capability)] * 6),
    status=statuses,
    alarms=st.none() | st.lists(st.builds(alarm, st.sampled_from([CODE, "X"]), moments)).map(tuple),
    signal=st.none()
    | st.builds(Signal, st.none() | st.integers(0, 5), st.sampled_from([True, False, None]), moments),
    configuration=st.none() | st.builds(answered, st.none() | st.integers(0, 9000), st.sampled_from(Outcome)),
)


@given(situations, st.sampled_from(sorted(JUDGEMENTS)))
def test_a_judgement_says_nothing_it_did_not_declare(situation: Situation, name: str) -> None:
    assert JUDGEMENTS[name](situation) in RESULTS[name] | {None}


@given(situations.map(lambda s: replace(s, status=None, alarms=None, signal=None, configuration=None)))
def test_without_a_reading_nothing_is_said_of_the_station(situation: Situation) -> None:
    names = ("back-online", "reconnected", "online", "alert-cleared", "stays-up")
    for name in (*names, "back-after-power", "online-under-lock"):
        assert JUDGEMENTS[name](situation) is None
