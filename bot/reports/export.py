"""The exports: closed incidents, and the minutes without contact. docs/export.md says what each column holds.

Both come in pieces, so that a million incidents need no more memory than a page of them. Everything is read and
written by the database's reading threads.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Final

from sqlalchemy.orm import Session

from bot.reports import csv_text
from bot.reports.causes import NOT_KNOWN, cause_of
from bot.reports.csv_text import Cell
from bot.reports.spans import Span
from bot.runbook.model import Phase, Runbook
from bot.runbook.record import Check, checks, spent, visited, zeros_read
from db import exports
from db.exports import Cursor, Told
from db.queries import Moved, Said, reference
from db.writer import Database

ON_SITE_ONLY: Final = frozenset(
    {"SIM reseat", "SIM replaced", "antenna reconnection", "antenna replaced", "modem replaced"}
)
"""Fixes that nobody makes from afar: without a recorded visit nobody can say that there was none."""
SESSIONS: Final[Mapping[str, str]] = {
    "passed": "passed",
    "waive": "waived",
    "waived": "waived",
    "failed-otherwise": "failed for another reason",
}
SIGNALS: Final[Mapping[str, str]] = {"good": "good", "weak": "weak", "not-shown": "not shown"}


@dataclass(frozen=True, slots=True)
class Known:
    """What a line is written from."""

    told: Told
    moves: list[Moved]
    said: Mapping[str, Said]
    phases: Mapping[Phase, timedelta]
    proof: Mapping[str, Check]
    visited: bool
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class Page:
    """A piece of a file: its lines, how many incidents stand in it, and after which one the next begins."""

    content: bytes
    incidents: int
    next: Cursor | None


def minutes(length: timedelta) -> float:
    """A length of time in minutes, to a tenth."""
    return round(length.total_seconds() / 60, 1)


async def incidents(db: Database, span: Span, runbook: Runbook, zone: tzinfo) -> AsyncIterator[Page]:
    """The file of the incidents closed in this span, oldest first, piece by piece."""
    yield Page(csv_text.heading(tuple(COLUMNS)), 0, None)
    after: Cursor | None = None
    while True:
        page = await db.read(page_of, span, after, runbook, zone)
        if page.incidents:
            yield page
        if page.next is None:
            return
        after = page.next


def page_of(
    session: Session,
    span: Span,
    after: Cursor | None,
    runbook: Runbook,
    zone: tzinfo,
    most: int = exports.PAGE,
) -> Page:
    """The lines of the next `most` incidents, without the header."""
    rows = exports.closed(session, span.since, span.until, after, most)
    ids = [row.id for row in rows]
    moves = exports.moves_of(session, ids)
    said = exports.answers_of(session, ids, ("configuration", "signal"))
    known = [_known(row, list(moves[row.id]), said[row.id], runbook, zone) for row in rows]
    content = csv_text.lines([column(each) for column in COLUMNS.values()] for each in known)
    return Page(content, len(rows), exports.next_page(rows, most))


def _known(told: Told, moves: list[Moved], said: Mapping[str, Said], runbook: Runbook, zone: tzinfo) -> Known:
    proof = {check.step: check for check in checks(runbook, moves, back=told.back_at is not None)}
    phases = spent(runbook, moves, told.opened_at)
    return Known(told, moves, said, phases, proof, visited(runbook, moves), zone)


Column = Callable[[Known], Cell]


def _both(name: str, at: Callable[[Told], datetime | None]) -> Mapping[str, Column]:
    """A moment twice: in UTC, and as the site's clocks show it."""
    return {
        f"{name}_utc": lambda known: csv_text.utc(at(known.told)),
        f"{name}_site": lambda known: csv_text.local(at(known.told), known.zone),
    }


def _in(phase: Phase) -> Column:
    """The minutes of a phase; not known of an incident whose moves were not kept."""
    return lambda known: minutes(known.phases.get(phase, timedelta())) if known.moves else None


def _at(step: str, choice: str) -> Column:
    """When this step of the proof was taken."""
    return lambda known: csv_text.utc(known.proof[step].at) if known.proof[step].choice == choice else None


def _lost(known: Known) -> float | None:
    seconds = known.told.lost_seconds
    return None if seconds is None else minutes(timedelta(seconds=seconds))


def _cause(known: Known) -> str | None:
    cause = cause_of(known.told.fix)
    return None if cause == NOT_KNOWN else cause


def _truck_roll(known: Known) -> bool | None:
    if known.visited:
        return True
    return None if not known.moves or known.told.fix in ON_SITE_ONLY else False


def _owner(known: Known) -> str | None:
    """What the owner was called at their last move; the Slack user id of one who made none."""
    owner = known.told.owner
    names = [move.actor_name for move in known.moves if move.actor == owner and move.actor_name]
    return names[-1] if names else owner


def _zeros(known: Known) -> int | None:
    return zeros_read(known.moves) if known.visited else None


def _configuration(known: Known) -> int | None:
    said = known.said.get("configuration")
    answered = known.proof["get-configuration"].choice == "answered"
    ms = said.value.get("ms") if said is not None and isinstance(said.value, dict) else None
    return ms if answered and isinstance(ms, int) else None


def _bars(known: Known) -> int | None:
    said, choice = known.said.get("signal"), known.proof["verify-signal"].choice
    bars = said.value.get("bars") if said is not None and isinstance(said.value, dict) else None
    return bars if choice in {"good", "weak"} and isinstance(bars, int) else None


COLUMNS: Final[Mapping[str, Column]] = {
    "incident": lambda known: reference(known.told.id, known.told.opened_at),
    "station_serial": lambda known: known.told.serial,
    "portal_id": lambda known: known.told.portal_id,
    "station_name": lambda known: known.told.name,
    "site": lambda known: known.told.site,
    "area": lambda known: known.told.area,
    "carrier": lambda known: known.told.carrier,
    "generation": lambda known: known.told.generation,
    **_both("opened", lambda told: told.opened_at),
    **_both("alert_raised", lambda told: told.raised_at),
    **_both("last_communication", lambda told: told.last_communication),
    **_both("first_person", lambda told: told.first_person_at),
    **_both("back", lambda told: told.back_at),
    **_both("closed", lambda told: told.closed_at),
    "minutes_waiting": _in(Phase.WAITING),
    "minutes_remote": _in(Phase.REMOTE),
    "minutes_until_visit": _in(Phase.VISIT),
    "minutes_on_site": _in(Phase.ON_SITE),
    "minutes_proof": _in(Phase.PROOF),
    "minutes_without_contact": _lost,
    "cause": _cause,
    "fix": lambda known: known.told.fix,
    "finding": lambda known: known.told.finding,
    "truck_roll": _truck_roll,
    "restarts": lambda known: known.told.restarts,
    "reopenings": lambda known: known.told.reopenings,
    "modem_flagged": lambda known: known.told.modem_flagged_at is not None,
    "modem_flag_reason": lambda known: known.told.modem_flag_reason,
    "owner": _owner,
    "technician": lambda known: known.told.technician_name or known.told.technician,
    "zero_volt_readings": _zeros,
    "proof_online_utc": _at("verify-online", "online"),
    "proof_alert_cleared_utc": _at("verify-alert-cleared", "cleared"),
    "proof_get_configuration_ms": _configuration,
    "proof_test_session": lambda known: SESSIONS.get(known.proof["test-session"].choice or ""),
    "proof_signal": lambda known: SIGNALS.get(known.proof["verify-signal"].choice or ""),
    "proof_signal_bars": _bars,
}
"""The columns in their order. They are only added, at the end: somebody's spreadsheet counts on them."""
