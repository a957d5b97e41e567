"""Whatever the facts are, a button that is shown can be pressed, and a word that is no choice is none."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.errors import StaleChoice
from bot.runbook.model import FACTS, Role
from bot.runbook.moves import choices_at, entry_refusal, everywhere_offered, offered
from tests.runbook.procedures import shipped
from tests.runbook.taking import NONE, taken

shipped_once = shipped()
any_facts = st.fixed_dictionaries({fact: st.sampled_from(sorted(values)) for fact, values in FACTS.items()})


@given(st.data())
def test_a_walk_over_offered_buttons_is_never_refused_and_never_stuck(data: st.DataObject) -> None:
    runbook = shipped_once
    step, origin, been = runbook.start, None, [runbook.start]
    for _ in range(30):
        facts = data.draw(any_facts)
        shown = [choice for choice in offered(runbook, step, facts, NONE) if choice.to is not None]
        shown += everywhere_offered(runbook, step, facts, NONE)
        assert shown
        choice = data.draw(st.sampled_from(shown))
        everyone = frozenset(Role)
        wrong = data.draw(st.sampled_from(been))
        after = taken(
            runbook, step, choice.id, everyone, facts=facts, origin=origin, through_form=True, earlier=wrong
        )
        if after.closes:
            assert step == "log-repair"
            return
        assert entry_refusal(runbook, after.to, after.gates_after) is None
        step, origin = after.to, step
        been.append(step)


@given(st.sampled_from(sorted(shipped_once.steps)), st.text(max_size=20), any_facts, st.booleans())
def test_a_word_that_is_no_choice_is_stale(
    step: str, word: str, facts: dict[str, str], through_form: bool
) -> None:
    known = {choice.id for choice in choices_at(shipped_once, step, NONE)}
    assume(word not in known)
    with pytest.raises(StaleChoice, match="not offered any more"):
        taken(shipped_once, step, word, facts=facts, through_form=through_form)
