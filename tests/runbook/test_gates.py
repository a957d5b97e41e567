"""The proof of the two gates, on a small procedure that opens a cabinet (manual 4.3 to 4.5 and 5 (1))."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.runbook.judge import RESULTS
from bot.runbook.model import EARLIER, Automatic, Choice, Everywhere, Gate, Role, Runbook
from bot.runbook.proof import prove
from tests.runbook.procedures import load, with_choice, with_step, written

FORM = """
[[form]]
id = "{id}"
title = "Values"
submit = "Save"
decides = "{id}"

[[form.field]]
id = "value"
label = "Value"
kind = "text"
"""


def step(name: str, gates: str, *choices: str) -> str:
    """A step in TOML."""
    head = f'[[step]]\nid = "{name}"\nparagraph = "4.3 (1)"\ncovers = ["4.3.1"]\nphase = "on site"\n'
    return f'{head}by = ["assigned"]\nsays = "steps/{name}.j2"\n{gates}\n{"".join(choices)}'


def choice(name: str, **values: str) -> str:
    """A choice in TOML; `opens` and `shuts` name one gate."""
    lines = [
        f'{key} = ["{value}"]' if key in {"opens", "shuts"} else f'{key} = "{value}"'
        for key, value in values.items()
    ]
    return "\n".join(("[[step.choice]]", f'id = "{name}"', *lines, ""))


FORBIDS = 'forbids = ["lock-on"]'
LOCK = 'needs = ["lock-on"]'
BOTH = 'needs = ["lock-on", "zero-volts"]'

ON_SITE = (
    step(
        "lock-out",
        FORBIDS,
        choice("enter", label="Enter", form="locks"),
        choice("locked", to="verify-zero-volts", opens="lock-on"),
        choice("lit", to="lock-out"),
        choice("cannot", label="Cannot", to="log-repair"),
    ),
    step(
        "verify-zero-volts",
        LOCK,
        choice("measure", label="Enter", form="volts"),
        choice("zero", to="open-cabinet", opens="zero-volts"),
        choice("not-zero", to="verify-zero-volts"),
        choice("leave", label="Leave", to="restore-power"),
    ),
    step(
        "open-cabinet",
        BOTH,
        choice("opened", label="Open", to="inspect-sim"),
        choice("stop", label="Stop", to="restore-power", shuts="zero-volts"),
    ),
    step("inspect-sim", BOTH, choice("fine", label="Fine", to="restore-power", shuts="zero-volts")),
    step(
        "restore-power",
        f'{LOCK}\nforbids = ["zero-volts"]',
        choice("on", label="Power on", form="tags", to="log-repair", shuts="lock-on"),
    ),
)
FILES = {
    "triage.toml": 'code = "CP-ERR-WIFI"\nstart = "lock-out"\n',
    "on_site.toml": "".join(ON_SITE),
    "verify.toml": step("log-repair", FORBIDS, choice("log", label="Log", to="closed"))
    + FORM.format(id="locks")
    + FORM.format(id="volts")
    + FORM.format(id="tags").replace('decides = "tags"\n', ""),
}
SAYS = {**RESULTS, "locks": frozenset({"locked", "lit"}), "volts": frozenset({"zero", "not-zero"})}


@pytest.fixture
def cabinet(tmp_path: Path) -> Runbook:
    """The small procedure with a cabinet in it."""
    return load(written(tmp_path, FILES), frozenset(SAYS))


def found(runbook: Runbook) -> str:
    return "\n".join(prove(runbook, SAYS).findings)


def test_lock_measure_open_close_and_unlock_holds(cabinet: Runbook) -> None:
    assert found(cabinet) == ""


@pytest.mark.parametrize("step_id", ["open-cabinet", "inspect-sim"])
def test_a_cabinet_step_reached_with_the_lock_alone_is_found(cabinet: Runbook, step_id: str) -> None:
    careless = with_step(cabinet, step_id, needs=frozenset({Gate.LOCK_ON}))
    short_cut = with_choice(careless, "verify-zero-volts", "leave", to=step_id)

    assert f"{step_id} (gates open: lock-on) is reached without both gates" in found(short_cut)


def test_a_cabinet_step_reached_with_no_gate_at_all_is_found(cabinet: Runbook) -> None:
    careless = with_step(cabinet, "open-cabinet", needs=frozenset())
    short_cut = with_choice(careless, "lock-out", "cannot", to="open-cabinet")

    assert "open-cabinet (gates open: none) is reached without both gates" in found(short_cut)


def test_a_lock_that_is_never_taken_off_leaves_no_way_to_the_end(cabinet: Runbook) -> None:
    stuck = with_choice(cabinet, "restore-power", "on", shuts=frozenset())

    assert "a person cannot get from restore-power (gates open: lock-on) to the end" in found(stuck)
    assert "no button is left at restore-power (gates open: lock-on)" in found(stuck)


def test_a_gate_that_is_left_open_keeps_the_power_off(cabinet: Runbook) -> None:
    open_gate = with_choice(cabinet, "inspect-sim", "fine", shuts=frozenset())

    assert "a person cannot get from inspect-sim (gates open: lock-on, zero-volts) to the end" in found(
        open_gate
    )


def test_a_button_alone_never_opens_a_gate(cabinet: Runbook) -> None:
    careless = with_choice(cabinet, "lock-out", "locked", label="Locked")

    assert "lock-out.locked opens a gate by a button alone" in found(careless)


def test_the_bot_alone_never_opens_a_gate(cabinet: Runbook) -> None:
    timer = with_step(cabinet, "lock-out", automatic=Automatic(decides="signal", then="locked"))

    assert "lock-out.locked opens a gate without a person" in found(timer)


def test_nothing_declared_for_all_steps_opens_a_gate(cabinet: Runbook) -> None:
    trust = Choice(id="trust-me", label="Trust me", to="lock-out", opens=frozenset({Gate.LOCK_ON}))
    everywhere = replace(cabinet, everywhere=(Everywhere(trust),))

    assert "trust-me opens a gate at every step" in found(everywhere)


@pytest.mark.parametrize("by", [Role.TECHNICIAN, Role.SUPPORT, Role.LEAD])
@pytest.mark.parametrize(("step_id", "door"), [("lock-out", "enter"), ("verify-zero-volts", "measure")])
def test_only_the_technician_of_the_visit_opens_a_gate(
    cabinet: Runbook, step_id: str, door: str, by: Role
) -> None:
    finding = f"{step_id}.{door} lets somebody else than the technician of the visit open a gate"
    instead = with_choice(cabinet, step_id, door, by=frozenset({by}))
    beside = with_choice(cabinet, step_id, door, by=frozenset({by, Role.ASSIGNED}))

    assert finding in found(instead)
    assert finding in found(beside)


def test_a_lock_is_taken_off_by_no_button_alone(cabinet: Runbook) -> None:
    careless = with_choice(cabinet, "restore-power", "on", form=None)

    assert "restore-power.on takes a lock off without a form" in found(careless)


def test_a_lock_is_taken_off_by_no_timer(cabinet: Runbook) -> None:
    timer = with_step(cabinet, "restore-power", automatic=Automatic(decides="signal", then="on"))

    assert "restore-power.on takes a lock off without a form" in found(timer)


def test_a_lock_is_taken_off_at_every_step_only_with_a_form(cabinet: Runbook) -> None:
    off = Choice(id="off", label="Lock off", to="log-repair", shuts=frozenset({Gate.LOCK_ON}))
    assert "off takes a lock off without a form" in found(replace(cabinet, everywhere=(Everywhere(off),)))
    said = Everywhere(replace(off, form="tags"), automatic=Automatic(decides="signal"))
    assert "off takes a lock off without a form" in found(replace(cabinet, everywhere=(said,)))


def test_a_correction_leads_nowhere_without_a_way_out(cabinet: Runbook) -> None:
    """From the end it may go back to the lock-out, so that has a way on also for whoever comes from there."""
    correct = Choice(id="correct", label="Correct", to=EARLIER)
    correcting = replace(cabinet, everywhere=(Everywhere(correct),))
    assert found(correcting) == ""

    for harm in ({"opens": frozenset({Gate.LOCK_ON})}, {"does": "restart"}, {"remedy": True}):
        harming = replace(cabinet, everywhere=(Everywhere(replace(correct, **harm)),))
        assert "correct puts an answer right and does something else besides" in found(harming)


def test_a_step_that_only_a_correction_leads_to_is_not_reached(cabinet: Runbook) -> None:
    correct = Choice(id="correct", label="Correct", to=EARLIER)
    lost = with_choice(cabinet, "verify-zero-volts", "zero", to="verify-zero-volts", opens=frozenset())
    correcting = replace(lost, everywhere=(Everywhere(correct),))

    assert "no way leads to open-cabinet" in found(correcting)
