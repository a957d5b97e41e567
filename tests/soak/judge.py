"""What became of everything that was promised: the database, Slack and the portal after the last life."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.demo.slack.talk import Message
from bot.demo.stories import ALERT_CHANNEL
from bot.incidents import arming
from bot.runbook.model import CLOSED
from bot.runbook.press import TAKE
from db.models import WAITING, Alert, Answer, Incident, Move, Outgoing, Timer
from db.writer import Database
from tests.soak.ledger import Ledger
from tests.stories.killable import Killable

THREE_MINUTES = timedelta(minutes=3)
"""After a restart (manual 4.1 (3))."""
RESTARTS = frozenset({"restart", "restart-again", "restart-anyway", "session-ended"})


@dataclass(frozen=True, slots=True)
class Kept:
    """What the database holds."""

    alerts: Sequence[Alert]
    incidents: Sequence[Incident]
    moves: Sequence[Move]
    answers: Sequence[Answer]
    timers: Sequence[Timer]
    outgoing: Sequence[Outgoing]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Sentences about what went wrong, by kind, and how much there was to go wrong."""

    lost: Sequence[str]
    doubled: Sequence[str]
    early: Sequence[str]
    audit: Sequence[str]
    counts: dict[str, int]

    @property
    def wrong(self) -> list[str]:
        """Everything that went wrong."""
        return [*self.lost, *self.doubled, *self.early, *self.audit]


async def judge(world: Killable, ledger: Ledger, db: Database) -> Verdict:
    """Compare what was promised with what there is."""
    kept = await db.read(_kept)
    ran = _book(world.folder / "timers.jsonl")
    said, troubles = _log(world.trouble)
    everything = world.town.slack.messages(ALERT_CHANNEL.id)
    messages = [each for each in everything if each.thread_ts is None]
    lines = [line for each in messages for line in world.town.slack.thread(ALERT_CHANNEL.id, each.ts)]
    return Verdict(
        lost=[
            *_lost_alerts(ledger, kept),
            *_lost_cards(kept, messages),
            *_lost_clicks(ledger, kept, said),
            *_lost_timers(kept, world.clock.now()),
            *_undelivered(kept),
        ],
        doubled=[
            *_doubled_messages(messages, lines),
            *_doubled_restarts(world, kept),
            *_doubled_timers(ran),
        ],
        early=[*_early_timers(ran), *_early_checks(kept)],
        audit=[*_broken_chains(kept), *_old_cards(kept, messages), *troubles],
        counts={
            "alerts": len(ledger.alerts),
            "cards": sum(_is_card(each) for each in messages),
            "lines": len(lines),
            "clicks": len(ledger.clicks),
            "restarts": len(world.orders),
            "timers": len(ran),
            "digests": sum(_key(each).startswith("digest:") for each in messages),
            "moves": len(kept.moves),
        },
    )


def _kept(session: Session) -> Kept:
    def all_of(table: Any) -> Any:
        return session.scalars(select(table).order_by(*table.__table__.primary_key)).all()

    return Kept(*(all_of(table) for table in (Alert, Incident, Move, Answer, Timer, Outgoing)))


def _lost_alerts(ledger: Ledger, kept: Kept) -> Iterator[str]:
    rows = {(row.alert_id, row.status): row for row in kept.alerts}
    known = {row.id for row in kept.incidents}
    for occurrence, result in ledger.alerts.items():
        row = rows.get(occurrence)
        if row is None:
            yield f"alert {occurrence} was answered {result['outcome']} and is not there"
        elif row.outcome == "" or (row.outcome != "ignored" and row.incident_id not in known):
            yield f"alert {occurrence} is there and nothing came of it"


def _lost_cards(kept: Kept, messages: Sequence[Message]) -> Iterator[str]:
    shown = {_key(message) for message in messages}
    for incident in kept.incidents:
        if incident.first_day != "listed" and f"card:{incident.id}" not in shown:
            yield f"incident {incident.id} has no card"


def _lost_clicks(ledger: Ledger, kept: Kept, said: Sequence[dict[str, Any]]) -> Iterator[str]:
    """When a press has arrived its turn is over, by whoever was first; or its person was refused."""
    moved = {(move.incident_id, move.turn): move.at for move in kept.moves}
    owned = {row.id for row in kept.incidents if row.owner is not None}
    nothing: Counter[str] = Counter()
    for click in ledger.clicks:
        pressed = click.pressed
        if pressed.choice == TAKE:
            nothing[click.who] += pressed.incident not in owned
        else:
            moved_at = moved.get((pressed.incident, pressed.turn))
            nothing[click.who] += moved_at is None or moved_at > click.answered_at
    refused = Counter(str(line.get("user")) for line in said if line.get("event") == "refused")
    for who, times in (nothing - refused).items():
        yield f"{who} pressed {times} times, was told that it arrived, and nothing came of it"


def _lost_timers(kept: Kept, now: datetime) -> Iterator[str]:
    armed = {(timer.incident_id, timer.kind) for timer in kept.timers}
    for timer in kept.timers:
        if timer.due_at <= now:
            yield f"the {timer.kind} timer of incident {timer.incident_id} was due and did not run"
    for incident in kept.incidents:
        waits = incident.closed_at is None and incident.deadline_at is not None
        if waits and (incident.id, arming.LOOK) not in armed:
            yield f"incident {incident.id} waits at {incident.step} and no timer is set"


def _undelivered(kept: Kept) -> Iterator[str]:
    for row in kept.outgoing:
        if row.state in WAITING or row.state == "dead":
            yield f"{row.key} was not delivered: {row.state}, {row.reason}"


def _doubled_messages(messages: Sequence[Message], lines: Sequence[Message]) -> Iterator[str]:
    keys = Counter(_key(message) for message in (*messages, *lines))
    for key, times in keys.items():
        if key and times > 1:
            yield f"{key} is there {times} times"
    opened = Counter(str(_payload(message).get("incident")) for message in messages if _is_card(message))
    yield from (f"incident {name} has {times} cards" for name, times in opened.items() if times > 1)
    files = Counter((line.thread_ts, file.name) for line in lines for file in line.files)
    yield from (f"the file {name} is there {times} times" for (_, name), times in files.items() if times > 1)


def _doubled_restarts(world: Killable, kept: Kept) -> Iterator[str]:
    told = Counter(order.key for order in world.orders)
    for key, times in told.items():
        if times > 1:
            yield f"the portal was told {times} times to restart, key {key}"
    clicked = [move for move in kept.moves if move.choice in RESTARTS]
    approved = {f"command:{move.incident_id}:{move.turn + 1}" for move in clicked}
    for key in told.keys() - approved:
        yield f"the portal was told to restart and nobody approved it, key {key}"


def _doubled_timers(ran: Sequence[dict[str, Any]]) -> Iterator[str]:
    claims = Counter((line["incident"], line["kind"], line["turn"], line["due"]) for line in ran)
    for (incident, kind, turn, due), times in claims.items():
        if times > 1:
            yield f"the {kind} timer of incident {incident}, turn {turn}, due {due}, ran {times} times"


def _early_timers(ran: Sequence[dict[str, Any]]) -> Iterator[str]:
    for line in ran:
        if datetime.fromisoformat(line["ran"]) < datetime.fromisoformat(line["due"]):
            yield f"the {line['kind']} timer of incident {line['incident']} ran at {line['ran']}, due {line['due']}"


def _early_checks(kept: Kept) -> Iterator[str]:
    """By the record alone: nobody but a person leaves the wait after a restart within three minutes of the click."""
    for before, after in _steps(kept):
        check = before.choice in RESTARTS and after.actor == "relink" and after.choice == "still-down"
        if check and after.at - before.at < THREE_MINUTES:
            yield f"incident {after.incident_id} was checked {after.at - before.at} after its restart"


def _broken_chains(kept: Kept) -> Iterator[str]:
    for before, after in _steps(kept):
        if after.turn != before.turn + 1:
            yield f"incident {after.incident_id} has no move between turns {before.turn} and {after.turn}"
        if after.step != before.to_step:
            yield f"incident {after.incident_id} went to {before.to_step} and on from {after.step}"
        if after.at < before.at:
            yield f"incident {after.incident_id} moved at {after.at}, before {before.at}"
    newest = {move.incident_id: move for move in sorted(kept.moves, key=lambda move: move.turn)}
    for incident in kept.incidents:
        move = newest.get(incident.id)
        if incident.turn != (move.turn + 1 if move else 0):
            yield f"incident {incident.id} stands at turn {incident.turn}, its last move is {move and move.turn}"
        if move is not None and move.to_step not in {incident.step, CLOSED}:
            yield f"incident {incident.id} stands at {incident.step}, its last move led to {move.to_step}"
    for one, other in pairwise(kept.answers):
        if other.incident_id == one.incident_id and other.turn < one.turn:
            yield f"incident {one.incident_id} has an answer of turn {other.turn} after one of turn {one.turn}"


def _old_cards(kept: Kept, messages: Sequence[Message]) -> Iterator[str]:
    shown = {_key(message): _payload(message).get("version") for message in messages}
    for incident in kept.incidents:
        version = shown.get(f"card:{incident.id}")
        if version is not None and version != incident.version:
            yield f"the card of incident {incident.id} shows version {version} of {incident.version}"


def _steps(kept: Kept) -> Iterator[tuple[Move, Move]]:
    in_order = sorted(kept.moves, key=lambda move: (move.incident_id, move.turn))
    return ((one, other) for one, other in pairwise(in_order) if one.incident_id == other.incident_id)


def _book(file: Path) -> list[dict[str, Any]]:
    if not file.exists():
        return []
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def _log(file: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """What the processes logged, and everything in it that should not be there."""
    said, troubles = [], []
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            troubles.append(f"said besides the log: {line[:200]}")
            continue
        said.append(entry)
        if entry.get("level") in {"error", "critical"}:
            troubles.append(f"logged: {line[:1000]}")
    return said, troubles


def _is_card(message: Message) -> bool:
    return _key(message).startswith("card:")


def _payload(message: Message) -> dict[str, Any]:
    payload: dict[str, Any] = (message.metadata or {}).get("event_payload", {})
    return payload


def _key(message: Message) -> str:
    return str(_payload(message).get("outgoing", ""))
