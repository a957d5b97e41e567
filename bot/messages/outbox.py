"""Rows of what must still go out, written in the caller's transaction: no commit, no message; a commit, a message."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, case, or_, update
from sqlalchemy.orm import Session

from db.models import Outgoing
from db.statements import Both, table_of

COMMAND, NEW_CARD, LINE, EDIT = range(4)
"""Ranks: what goes first."""


_OUTGOING = table_of(Outgoing)


def _awake(now: Any) -> dict[str, Any]:
    # A row that is being sent stays so: its sender compares wanted and delivered when it is done. A row
    # that is waiting to be tried again keeps its time.
    row = _OUTGOING.c
    sleeping = or_(row.state == "sent", row.state == "dead")
    return {
        "state": case((sleeping, "new"), else_=row.state),
        "created_at": case((sleeping, now), else_=row.created_at),
        "rank": case((row.ts.is_not(None), EDIT), else_=row.rank),
    }


def _put(insert: Any) -> Any:
    made = insert(_OUTGOING)
    anew = {"wanted": made.excluded.wanted, **_awake(made.excluded.created_at)}
    # A card that is there is asked for a newer version; a line or a command that is there stays as it is.
    return made.on_conflict_do_update(index_elements=["key"], set_=anew, where=made.excluded.kind == "card")


_PUT = Both(_put)
_REFRESH = (
    update(_OUTGOING)
    .where(_OUTGOING.c.key == bindparam("card"))
    .values(delivered=0, **_awake(bindparam("now", type_=_OUTGOING.c.created_at.type)))
)


Row = dict[str, Any]
"""What `card`, `line` and `command` make and `put` writes."""


def put(session: Session, rows: Sequence[Row]) -> None:
    """Write what is to go out; all at once, because a statement costs more than a row."""
    session.execute(_PUT.of(session), rows)


def card(incident_id: int, version: int, channel: str, now: datetime) -> Row:
    """The incident's card, to show at least `version`. However often it is put: one card and, at most, one edit."""
    row = _row(f"card:{incident_id}", "card", incident_id, NEW_CARD, {}, now)
    return row | {"template": "card.j2", "wanted": version, "channel": channel}


def line(incident_id: int, key: str, template: str, payload: Mapping[str, Any], now: datetime) -> Row:
    """One line for the incident's thread. `key` makes it one line however often it is put.

    The payload holds plain values for the template; `broadcast: true` shows the line in the channel as well.
    """
    return _row(f"line:{key}", "line", incident_id, LINE, payload, now) | {"template": template}


def command(incident_id: int, turn: int, does: str, station: str, expires_at: datetime, now: datetime) -> Row:
    """A command for the portal, sent at most once and not after `expires_at`."""
    payload = {"does": does, "station": station, "turn": turn}
    row = _row(f"command:{incident_id}:{turn}", "command", incident_id, COMMAND, payload, now)
    return row | {"expires_at": expires_at}


def show_card(session: Session, incident_id: int, version: int, channel: str, now: datetime) -> None:
    """Put nothing but the card."""
    put(session, [card(incident_id, version, channel, now)])


def refresh_card(session: Session, incident_id: int, now: datetime) -> None:
    """Send the card again although nothing changed: somebody clicked on an old one."""
    session.execute(_REFRESH, {"card": f"card:{incident_id}", "now": now})


def add_line(
    session: Session, incident_id: int, key: str, template: str, payload: Mapping[str, Any], now: datetime
) -> None:
    """Put nothing but one line."""
    put(session, [line(incident_id, key, template, payload, now)])


def _row(key: str, kind: str, incident_id: int, rank: int, payload: Mapping[str, Any], now: datetime) -> Row:
    return {
        "key": key,
        "kind": kind,
        "incident_id": incident_id,
        "rank": rank,
        "template": None,
        "payload": dict(payload),
        "state": "new",
        "wanted": 1,
        "delivered": 0,
        "attempts": 0,
        "created_at": now,
        "expires_at": None,
        "channel": None,
    }
