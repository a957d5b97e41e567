"""Facts for the answers only one person sees, at their worst."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from bot.errors import First
from bot.messages.text import Outside, link
from bot.portal.contract import Status
from tests.incidents.desk import NIGHT
from tests.messages.gallery import ENEMY, LONG_NAME, OWNER

FIRSTS = [None, First("relink", "recovered", NIGHT), First(OWNER, "restart", NIGHT)]
LINK = link("https://example.com/archives/C0ALERTS/p1795348800000000", "to its card")


def of_status(online: bool | None, incident: Mapping[str, Any] | None, words: str) -> Mapping[str, Any]:
    """What `status SERIAL` is answered with."""
    status = Status("1:1", online, NIGHT if online else None, None, NIGHT)
    facts = {"label": "W" * 64 if words else "CT4G-1", "name": Outside(words), "site": Outside(words)}
    told = {"status": status, "incident": incident, "flagged_at": NIGHT if words else None}
    return facts | told | {"link": LINK if words else "", "now": NIGHT}


OPEN = {"reference": "I-2026-1234567", "step": "wait for reconnect", "owner": OWNER, "closed_at": None}
OVER = {**OPEN, "owner": None, "closed_at": NIGHT, "fix": "no power (not communications)"}
ANSWERS: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "answers/refused.j2": [{"sentence": "This is for support.", "first": first} for first in FIRSTS],
    "answers/help.j2": [
        {"command": "/charger", "unknown": unknown, "near": near}
        for unknown, near in (("", ""), (Outside(ENEMY[:30]), ""), ("statsu", "status"))
    ],
    "answers/status.j2": [
        of_status(online, incident, words)
        for online in (True, False, None)
        for incident in (None, OPEN, {**OPEN, "owner": None}, OVER)
        for words in ("", LONG_NAME, ENEMY)
    ]
    + [{**of_status(None, None, ""), "status": None}],
    "answers/done.j2": [
        {"what": what, "label": "W" * 64, "to": OWNER, "brief": brief, "link": LINK}
        for what in ("taken", "released", "handed over", "noted")
        for brief in ("", Outside(ENEMY))
    ],
    "answers/opened.j2": [
        {"outcome": outcome, "reference": "I-2026-0001", "label": "W" * 64, "brief": brief, "link": LINK}
        for outcome in ("opened", "reopened", "repeated")
        for brief in ("", Outside(ENEMY))
    ],
    "answers/drill.j2": [
        {"reference": "I-2026-1234567", "label": "DRILL-9999", "brief": brief, "link": LINK}
        for brief in ("", Outside(ENEMY))
    ],
    "answers/next.j2": [{"label": "W" * 64, "brief": Outside(LONG_NAME), "link": LINK}],
    "answers/mine.j2": [
        {"mine": [{"brief": Outside(LONG_NAME), "link": LINK}] * many, "more": many > 9}
        for many in (0, 1, 10)
    ],
    "answers/exported.j2": [{"since": "2026-11-01", "incidents": number} for number in (0, 1, 1_000_000)],
    "answers/flagged.j2": [
        {
            "stations": [{"label": "W" * 64, "site": Outside(words), "at": NIGHT, "reason": "x" * 200}]
            * many,
            "more": more,
        }
        for many, more in ((0, 0), (1, 0), (10, 5_000))
        for words in ("", LONG_NAME, ENEMY)
    ],
    "answers/history.j2": [
        {
            "label": "W" * 64,
            "name": Outside(words),
            "site": Outside(words),
            "flagged_at": NIGHT if many else None,
            "flag_reason": "back after a power cycle, no hardware issue found",
            "times_down": min(many, 720),
            "last_fix": "no power (not communications)",
            "last_closed_at": NIGHT if many > 1 else None,
            "lost": timedelta(days=400 * many),
            "restarts": many,
            "tried": min(many, 7),
            "helped": min(many, 5),
            "replaced": min(many, 99),
            "replaced_at": NIGHT if many > 1 else None,
            "visits": many,
            "all": many,
            "more": max(0, many - 10),
            "incidents": [
                {
                    "reference": "I-2026-1234567",
                    "opened_at": NIGHT,
                    "closed_at": closed,
                    "fix": fix,
                    "lost": closed and timedelta(days=400),
                    "restart": (closed and "failed") or "",
                    "visits": 99,
                    "reopenings": 99,
                }
                for closed, fix in [(None, None), *[(NIGHT, "no power (not communications)")] * 9]
            ][:many],
        }
        for many in (0, 1, 10, 1_000_000)
        for words in ("", LONG_NAME, ENEMY)
    ],
}
