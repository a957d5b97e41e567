"""What a form's values decide: session, signal, lock-out, readings, cabinet, lock off (manual 4.2 to 5 (7))."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.runbook.judge import RESULTS
from bot.runbook.judge_forms import (
    FORM_JUDGEMENTS,
    SESSION_PARTS,
    cabinet_findings,
)
from bot.runbook.model import FINDINGS, Runbook
from tests.runbook.typed import FORMS, answered, decided, facts_of_a_visit, outcome, wrong

ALL_YES = dict.fromkeys(SESSION_PARTS, "yes")
LOCKS = {
    "circuits": "2",
    "breaker-1": "14",
    "tag-1": "T-114",
    "breaker-2": "16",
    "tag-2": "T-115",
    "display": "dark",
    "car": "no",
    "glasses": "yes",
    "told": "yes",
}
UNLOCK = {"clear": "yes", "others": "no", "tag-1": "T-114", "breaker": "yes"}


@given(
    st.data(), st.sampled_from(sorted(form.id for form in FORMS.values() if form.decides)), facts_of_a_visit
)
def test_whatever_is_entered_leads_to_a_declared_choice_or_to_a_field(
    data: st.DataObject, name: str, facts: dict[str, str]
) -> None:
    form = FORMS[name]
    assert form.decides is not None
    said = outcome(form.decides, data.draw(answered(form)), facts)
    assert (
        said in RESULTS[form.decides] if isinstance(said, str) else said <= {each.id for each in form.fields}
    )


# The test session, manual 5 (7)


def test_all_five_parts_pass_the_session() -> None:
    assert decided("test-session", ALL_YES) == "passed"


@pytest.mark.parametrize("part", SESSION_PARTS)
def test_one_part_that_fails_fails_the_session_by_its_cause(part: str) -> None:
    failed = {**ALL_YES, part: "no"}

    assert decided("test-session", {**failed, "cause": "connection"}) == "failed"
    assert decided("test-session", {**failed, "cause": "another reason"}) == "failed-otherwise"


@pytest.mark.parametrize("cause", [{}, {"cause": ""}, {"cause": "bad luck"}])
def test_a_failed_part_without_a_cause_is_asked_for_it(cause: dict[str, str]) -> None:
    assert wrong("test-session", {**ALL_YES, "end": "no", **cause}) == {"cause"}


def test_a_part_without_an_answer_is_not_taken_as_a_yes() -> None:
    some = {"authentication": "yes", "start": "maybe", "end": "no"}
    assert wrong("test-session", some) == {"start", "energy", "record"}


def test_the_form_asks_what_the_judgement_reads(runbook: Runbook) -> None:
    fields = {
        field.id: [option.value for option in field.options] for field in runbook.forms["test-session"].fields
    }

    assert fields == {
        **{part: ["yes", "no"] for part in SESSION_PARTS},
        "cause": ["connection", "another reason"],
    }
    assert RESULTS.keys() >= FORM_JUDGEMENTS.keys()


# The signal check, manual 4.2


@given(answered(FORMS["signal-check"]))
def test_the_display_decides_before_the_bars(values: dict[str, str]) -> None:
    said = decided("signal-on-site", values)
    shows = {"dark": "no-power", "normal": "display-normal"}.get(values["display"])

    assert said == (shows or ("enough-bars" if values["bars"] in "2345" else "weak-bars"))


# The lock-out, manual 2 and 4.3 (1)


def one_circuit(**changes: str) -> dict[str, str]:
    """The form for a station that one circuit feeds."""
    values = {name: value for name, value in LOCKS.items() if not name.endswith("-2")}
    return values | {"circuits": "1"} | {name.replace("_", "-"): value for name, value in changes.items()}


@given(answered(FORMS["lock-out"]))
def test_it_is_locked_only_by_a_lock_of_its_own_on_each_circuit_and_a_dead_station(
    values: dict[str, str],
) -> None:
    said = outcome("lock-out", values)
    if isinstance(said, set):
        return
    two = values["circuits"] == "2"
    assert two == ("tag-2" in values) == ("breaker-2" in values)
    assert not two or values["tag-1"].strip().casefold() != values["tag-2"].strip().casefold()
    assert (values["glasses"], values["told"]) == ("yes", "yes")
    dead = (values["display"], values["car"]) == ("dark", "no")
    assert said == ("locked" if dead else "not-dead")


@pytest.mark.parametrize("circuits", ["1", "2"])
def test_a_lit_display_or_a_car_leaves_the_lock_and_the_gate_shut(circuits: str) -> None:
    values = LOCKS if circuits == "2" else one_circuit()
    assert decided("lock-out", values) == "locked"
    assert decided("lock-out", {**values, "display": "still lit"}) == "not-dead"
    assert decided("lock-out", {**values, "car": "yes"}) == "not-dead"


@pytest.mark.parametrize("name", ["breaker-2", "tag-2"])
def test_two_circuits_need_two_breakers_and_two_tags_one_circuit_none(name: str) -> None:
    assert wrong("lock-out", {key: value for key, value in LOCKS.items() if key != name}) == {name}
    assert wrong("lock-out", one_circuit(**{name: "16"})) == {name}


@pytest.mark.parametrize("tag", ["T-114", "t-114", " T-114", "t-114 "])
def test_one_tag_does_not_hang_on_two_breakers(tag: str) -> None:
    assert wrong("lock-out", {**LOCKS, "tag-2": tag}) == {"tag-2"}


def test_glasses_and_the_site_contact_come_first_and_all_is_told_at_once() -> None:
    assert wrong("lock-out", one_circuit(glasses="no", told="no", tag_2="T-9")) == {
        "glasses",
        "told",
        "tag-2",
    }


# What was found inside, manual 4.4 and 4.5

PARTS = st.sampled_from(["sim", "antenna"])


@given(answered(FORMS["cabinet"]))
def test_what_was_found_becomes_a_fix_or_a_need_that_there_is(values: dict[str, str]) -> None:
    found = cabinet_findings(values)

    assert decided("cabinet", values) == "answered-all"
    assert found.keys() <= {"fix", "needs"}
    assert found.get("fix", "SIM reseat") in FINDINGS["fix"]
    assert found.get("needs", "sim") in {"sim", "part"}
    nothing = {"fine", "not looked at"}
    assert ({values["sim"], values["antenna"]} <= nothing) == (not found)


@given(answered(FORMS["cabinet"]), PARTS)
def test_what_was_not_looked_at_fixed_nothing(values: dict[str, str], part: str) -> None:
    assert cabinet_findings({**values, part: "not looked at"}) == cabinet_findings({**values, part: "fine"})


@pytest.mark.parametrize(
    ("sim", "antenna", "found"),
    [
        ("was loose", "fine", {"fix": "SIM reseat"}),
        ("cleaned", "not looked at", {"fix": "SIM reseat"}),
        ("replaced", "fine", {"fix": "SIM replaced"}),
        ("fine", "replaced", {"fix": "antenna replaced"}),
        ("was loose", "was off, put right", {"fix": "antenna reconnection"}),
        ("damaged", "fine", {"needs": "sim"}),
        ("not ChargePoint's", "was off, put right", {"fix": "antenna reconnection", "needs": "sim"}),
        ("fine", "part needed", {"needs": "part"}),
        ("damaged", "part needed", {"needs": "sim"}),
    ],
)
def test_each_finding_has_its_name(sim: str, antenna: str, found: dict[str, str]) -> None:
    assert cabinet_findings({"sim": sim, "antenna": antenna}) == found


# Lock off, manual 5 (1)


@given(answered(FORMS["unlock"]), facts_of_a_visit)
def test_the_power_comes_back_only_with_everybody_clear_and_no_other_lock(
    values: dict[str, str], facts: dict[str, str]
) -> None:
    ready = (values["clear"], values["others"], values["breaker"]) == ("yes", "no", "yes")
    if ready:
        needs = {"sim": "power-on-needs-sim", "part": "power-on-needs-part", "none": "power-on"}
        assert decided("power-on", values, facts) == needs[facts["needs"]]
    else:
        assert wrong("power-on", values, facts) <= {"clear", "others", "breaker"}


@pytest.mark.parametrize("name", ["clear", "others", "breaker"])
def test_each_thing_that_is_not_so_yet_is_told_at_its_field(name: str) -> None:
    opposite = {"yes": "no", "no": "yes"}
    assert wrong("power-on", {**UNLOCK, name: opposite[UNLOCK[name]]}) == {name}
    assert wrong("power-on", {key: value for key, value in UNLOCK.items() if key != name}) == {name}


@given(st.text(max_size=5))
def test_only_a_yes_is_a_yes(said: str) -> None:
    assume(said != "yes")
    assert wrong("power-on", {**UNLOCK, "clear": said}) == {"clear"}
