"""What a soak found, in a few lines."""

import statistics
from collections.abc import Sequence

from tests.soak.judge import Verdict
from tests.soak.ledger import Ledger, Recovery

MOST_SHOWN = 20
RULE_OF_THREE = 3
"""Of n trials without a failure: the rate is below 3/n, at 95 %."""


def told(name: str, kills: int, verdict: Verdict, ledger: Ledger) -> str:
    """What happened under which load, what went wrong, and how soon Relink was back."""
    counts = ", ".join(f"{number:,} {what}" for what, number in verdict.counts.items())
    again = f"{ledger.unanswered_alerts} alerts and {ledger.unanswered_clicks} clicks without an answer, made again"
    wrong = f"lost {len(verdict.lost)}, doubled {len(verdict.doubled)}, early {len(verdict.early)}"
    lines = [
        f"{name}: killed {kills} times; {counts}",
        f"  under way when it died: {again}",
        f"  {wrong}, record broken {len(verdict.audit)}{_bound(kills, verdict)}",
        *_back(ledger.recoveries),
        *(f"  WRONG: {sentence}" for sentence in verdict.wrong[:MOST_SHOWN]),
    ]
    return "\n".join(lines)


def _bound(kills: int, verdict: Verdict) -> str:
    if verdict.wrong:
        return ""
    return f" (0 of {kills} kills: below {RULE_OF_THREE / kills:.1%} of kills at 95 %)"


def _back(recoveries: Sequence[Recovery]) -> list[str]:
    if not recoveries:
        return []
    serves, delivered = ([one.serves for one in recoveries], [one.delivered for one in recoveries])
    backlog = max(one.backlog for one in recoveries)
    return [
        f"  recovery, {len(recoveries)} starts: serves after {_spread(serves)}",
        f"  up to {backlog} messages waited; none does after {_spread(delivered)}",
    ]


def _spread(seconds: Sequence[float]) -> str:
    return f"{statistics.median(seconds):.1f} s, at most {max(seconds):.1f} s"
