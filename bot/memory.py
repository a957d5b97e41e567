"""Python's garbage collector, kept out of the way of those who wait for an answer.

A full collection looks at everything that ever stayed, which is mostly what start-up made: libraries, procedure,
templates. It holds the interpreter for a tenth of a second, and every click in flight waits for it.
"""

import gc

YOUNG = 10_000
"""How many new containers there may be before the youngest are looked at; a click makes hundreds and leaves none."""


def started_up() -> None:
    """What is there now stays until the end: free what is not needed of it, and never look at the rest again."""
    gc.collect()
    gc.freeze()
    _, *older = gc.get_threshold()
    gc.set_threshold(YOUNG, *older)
