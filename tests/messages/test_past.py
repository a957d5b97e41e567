"""What a card says of earlier incidents stands well on it, whatever the cause and however much else there is."""

from dataclasses import replace

import pytest

from bot.likely import Case, Likely, evidence_of, keys_of
from bot.reports.causes import CAUSES
from db.writer import Database
from tests.messages import gallery
from tests.messages.gallery import SHAPES, Shape
from tests.messages.test_templates import must_be_sound, shown

NAMES = sorted({cause for fix in CAUSES if (cause := evidence_of(fix, 3600))})
LEVELS = list(keys_of(Case(1, "Pier 9", "north", "T-Mobile", 2, 0, "none")))
STEPS = ("restart-station", "wait-for-reconnect", "call-support", "check-area")


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
async def test_every_cause_and_likeness_is_said_in_words_with_its_counts(
    sqlite_db: Database, shape: Shape
) -> None:
    incidents = [
        await sqlite_db.write(gallery.hang, replace(shape, label=f"{n}-X"), step)
        for n, step in enumerate(STEPS)
    ]
    drawing = gallery.drawing(sqlite_db)
    lines = set()
    for incident in incidents:
        known = await drawing.facts(incident)
        assert known is not None
        for cause in NAMES:
            for level in LEVELS:
                told = {"likely": Likely(cause, 999_999, 1_000_000, level), "often": True, "times_down": 720}
                message = drawing.card(replace(known, words={**known.words, **told}))
                must_be_sound(message)
                said = shown(message.blocks).splitlines()
                lines |= {line for line in said if line.startswith("Likely: ")}
                assert "*Down 720 times in 30 days.* What the manual advises:" in said
    assert len(lines) == len(NAMES) * len(LEVELS)
    assert all(", 999,999 of 1,000,000 like this (" in line for line in lines)
