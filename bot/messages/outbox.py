"""Rows of what must still go out, written in the caller's transaction: no commit, no message; a commit, a message."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, case, exists, or_, update
from sqlalchemy.orm import Session

from db.models import Incident, Outgoing
from db.statements import Both, table_of

WITHDRAWAL, COMMAND, NEW_CARD, LINE, EDIT, DIGEST = range(-1, 5)
"""Ranks: what goes first. A withdrawal takes words of the cabinet back because a gate has shut."""

LIST, SELF = "list", "self"
CARDS = ("card", "visit", LIST, SELF)
"""The kinds that are edited in place: the incident's card, the one of a technician's visit, the first day's list,
what Relink tells a lead of a trouble of its own."""
FIRST_DAY = "list:first-day"
"""The key of the list of what was down before Relink was first started."""

NOTE, GAP = "note", "gap"
"""A direct message to one of the leads; what is told once of a time in which nothing could be posted."""
POSTS = (*CARDS, "digest", NOTE, GAP)
"""The kinds that are messages of their own."""
DIRECT = ("visit", NOTE, SELF)
"""The kinds that go to one person, as a direct message."""

UNDER = ("line", "chart")
"""The kinds that stand in the thread of another row's message."""


_OUTGOING = table_of(Outgoing)
_INCIDENT = table_of(Incident).c


def _awake(now: Any) -> dict[str, Any]:
    # A row that is being sent stays so: its sender compares wanted and delivered when it is done. A row
    # that is waiting to be tried again keeps its time.
    row = _OUTGOING.c
    sleeping = or_(row.state == "sent", row.state == "dead")
    # Only its delivery makes a withdrawal a card like others again, whatever the card is to show meanwhile.
    stays = case((row.rank == WITHDRAWAL, WITHDRAWAL), (row.ts.is_not(None), EDIT), else_=row.rank)
    return {
        "state": case((sleeping, "new"), else_=row.state),
        "created_at": case((sleeping, now), else_=row.created_at),
        "rank": stays,
    }


def _put(insert: Any) -> Any:
    made = insert(_OUTGOING)
    awake = _awake(made.excluded.created_at)
    withdraws = made.excluded.rank == WITHDRAWAL
    newer = case((made.excluded.kind == LIST, _OUTGOING.c.wanted + 1), else_=made.excluded.wanted)
    anew = {
        "wanted": newer,
        **awake,
        "rank": case((withdraws, WITHDRAWAL), else_=awake["rank"]),
        # An edit that failed may rest for a minute; taking words back does not.
        "next_at": case((withdraws, None), else_=_OUTGOING.c.next_at),
    }
    # A card that is there is asked for a newer version; a line or a command that is there stays as it is.
    cards = or_(*(made.excluded.kind == kind for kind in CARDS))
    return made.on_conflict_do_update(index_elements=["key"], set_=anew, where=cards)


_PUT = Both(_put)
_REFRESH = (
    update(_OUTGOING)
    .where(_OUTGOING.c.incident_id == bindparam("incident"), _OUTGOING.c.kind.in_(CARDS))
    .values(delivered=0, **_awake(bindparam("now", type_=_OUTGOING.c.created_at.type)))
)

_REFRESH_OPEN = (
    update(_OUTGOING)
    .where(_OUTGOING.c.kind.in_(CARDS), _OUTGOING.c.state == "sent")
    .where(exists().where(_INCIDENT.id == _OUTGOING.c.incident_id, _INCIDENT.closed_at.is_(None)))
    .values(delivered=0, **_awake(bindparam("now", type_=_OUTGOING.c.created_at.type)))
)


_BLANK = (
    update(_OUTGOING)
    .where(_OUTGOING.c.incident_id == bindparam("incident"), _OUTGOING.c.kind == "view")
    .where(_OUTGOING.c.state == "sent", _OUTGOING.c.delivered == 0)
    .values(state="new")
)

_BLANK_AGAIN = update(_OUTGOING).where(_OUTGOING.c.key == bindparam("form")).values(state="new", delivered=0)

BLANK = "visit/blank.j2"
"""What a blanked form says."""
PLAIN = "notes/plain.j2"
"""What is said below the text of a message that Slack shows without its blocks."""

Row = dict[str, Any]
"""What `card`, `line` and `command` make and `put` writes."""


def put(session: Session, rows: Sequence[Row]) -> None:
    """Write what is to go out; all at once, because a statement costs more than a row."""
    if rows:
        session.execute(_PUT.of(session), rows)


def card_key(incident_id: int) -> str:
    """The key of the incident's card."""
    return f"card:{incident_id}"


def visit_key(incident_id: int, technician: str) -> str:
    """The key of the card a technician has of their visit."""
    return f"visit:{incident_id}:{technician}"


def card(incident_id: int, version: int, channel: str, now: datetime) -> Row:
    """The incident's card, to show at least `version`. However often it is put: one card and, at most, one edit."""
    row = _row(card_key(incident_id), "card", incident_id, NEW_CARD, {}, now)
    return row | {"template": "card.j2", "wanted": version, "channel": channel}


def visit(incident_id: int, technician: str, version: int, now: datetime, *, withdraws: bool = False) -> Row:
    """The technician's own card of the visit, a direct message; one a technician, edited in place like the card.

    `withdraws`: the gate zero-volts has shut, so what the card may still show goes before everything else.
    """
    payload, rank = {"to": technician}, WITHDRAWAL if withdraws else NEW_CARD
    row = _row(visit_key(incident_id, technician), "visit", incident_id, rank, payload, now)
    return row | {"template": "visit.j2", "wanted": version, "channel": technician}


def first_day(channel: str, now: datetime) -> Row:
    """The list of what was down at the first start. It counts its versions itself: each putting is one more."""
    row = _row(FIRST_DAY, LIST, None, NEW_CARD, {}, now)
    return row | {"template": "first-day.j2", "channel": channel}


def of_self(number: int, lead: str, version: int, now: datetime) -> Row:
    """What a lead is told of Relink itself: the notice with this number, from its beginning (1) to its end (2)."""
    row = _row(f"{SELF}:{number}:{lead}", SELF, None, LINE, {"to": lead, "notice": number}, now)
    return row | {"template": "self/notice.j2", "channel": lead, "wanted": version}


def line(
    incident_id: int,
    key: str,
    template: str,
    payload: Mapping[str, Any],
    now: datetime,
    *,
    under: str | None = None,
) -> Row:
    """One line for the thread under a card: the incident's unless `under` names another one's key.

    `key` makes it one line however often it is put. The payload holds plain values for the template;
    `broadcast: true` shows the line in the channel as well.
    """
    row = _row(f"line:{key}", "line", incident_id, LINE, payload, now)
    return row | {"template": template, "under": under or card_key(incident_id)}


def command(incident_id: int, turn: int, does: str, station: str, expires_at: datetime, now: datetime) -> Row:
    """A command for the portal, sent at most once and not after `expires_at`."""
    payload = {"does": does, "station": station, "turn": turn}
    row = _row(f"command:{incident_id}:{turn}", "command", incident_id, COMMAND, payload, now)
    return row | {"expires_at": expires_at}


def digest_key(channel: str, day: date) -> str:
    """The key of a channel's digest of a local date: there is never a second one."""
    return f"digest:{channel}:{day.isoformat()}"


def digest(channel: str, day: date, payload: Mapping[str, Any], now: datetime) -> Row:
    """A channel's digest of a local date; however often it is put, it goes out once."""
    row = _row(digest_key(channel, day), "digest", None, DIGEST, payload, now)
    return row | {"template": "digest/digest.j2", "channel": channel}


def chart(digest: str, payload: Mapping[str, Any], now: datetime) -> Row:
    """The chart in the thread of the digest with this key."""
    key = digest.replace("digest:", "chart:", 1)
    return _row(key, "chart", None, DIGEST, payload, now) | {"under": digest}


def lost_digest(digest: str, payload: Mapping[str, Any], now: datetime) -> Row:
    """The line that tells the leads, under a digest that could not go where it should."""
    row = _row(f"line:{digest}:lost", "line", None, LINE, payload, now)
    return row | {"template": "digest/lost.j2", "under": digest}


def note(to: str, key: str, template: str, payload: Mapping[str, Any], now: datetime) -> Row:
    """A direct message to a person, or one to each person of a user group; `key` makes it one."""
    row = _row(f"note:{key}:{to}", NOTE, None, LINE, {**payload, "to": to}, now)
    return row | {"template": template, "channel": to}


def gap(key: str, channel: str, payload: Mapping[str, Any], now: datetime) -> Row:
    """What is told of a gap, before everything else that goes to this channel after it."""
    row = _row(f"gap:{key}", GAP, None, COMMAND, payload, now)
    return row | {"template": "notes/gap.j2", "channel": channel}


def keep_view(session: Session, incident_id: int, view: str, shut: bool, now: datetime) -> None:
    """Remember a form that shows what stands behind a gate, by our own name of it (Slack's `external_id`).

    `shut`: it is to be blanked at once, also if that was tried before, when it was not open yet.
    """
    row = _row(f"view:{view}", "view", incident_id, COMMAND, {"view": view}, now)
    put(session, [row | {"state": "sent", "template": BLANK}])
    if shut:
        session.execute(_BLANK_AGAIN, {"form": row["key"]})


def blank_views(session: Session, incident_id: int) -> None:
    """The gate was shut: blank every form that was opened behind it."""
    session.execute(_BLANK, {"incident": incident_id})


def show_cards(
    session: Session, incident_id: int, version: int, channel: str, technician: str | None, now: datetime
) -> None:
    """Put nothing but the card, and the one of the visit where somebody has one."""
    rows = [card(incident_id, version, channel, now)]
    if technician is not None:
        rows.append(visit(incident_id, technician, version, now))
    put(session, rows)


def refresh_cards(session: Session, incident_id: int, now: datetime) -> None:
    """Send the cards again although nothing changed: somebody clicked on an old one."""
    session.execute(_REFRESH, {"incident": incident_id, "now": now})


def refresh_open_cards(session: Session, now: datetime) -> None:
    """Send the cards of all open incidents again: what was clicked on them for a while may have been lost."""
    session.execute(_REFRESH_OPEN, {"now": now})


def add_line(
    session: Session, incident_id: int, key: str, template: str, payload: Mapping[str, Any], now: datetime
) -> None:
    """Put nothing but one line."""
    put(session, [line(incident_id, key, template, payload, now)])


def _row(
    key: str, kind: str, incident_id: int | None, rank: int, payload: Mapping[str, Any], now: datetime
) -> Row:
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
        "under": None,
        "channel": None,
    }
