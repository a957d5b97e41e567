"""How many examples are generated: a few in `make test`, many where RELINK_LONG says how many times as many."""

import os

from hypothesis import settings

DEFAULT = 100
"""Hypothesis' own number."""

TIMES = int(os.environ.get("RELINK_LONG", "1"))


def examples(few: int) -> int:
    """So many in `make test`; each run draws others. `RELINK_LONG=20 pytest PATH` draws twenty times as many."""
    return few * TIMES


def use() -> None:
    """Hypothesis' settings for every test."""
    # A busy machine is no failure: what is generated is checked for its outcome, not for its speed.
    settings.register_profile("relink", deadline=None, max_examples=examples(DEFAULT))
    settings.load_profile("relink")
