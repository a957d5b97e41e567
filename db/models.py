"""The tables. Rows hold facts; what they mean is decided in `bot.incidents` and `bot.runbook`.

Times are the procedure's time (see `bot.clock`) unless a comment says real time.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, UTCDateTime

# SQLite counts rows by itself only in a column declared INTEGER.
Id = BigInteger().with_variant(Integer, "sqlite")

WAITING = ("new", "retry", "sending")  # an Outgoing that is not delivered yet; its index holds only those


class Station(Base):
    """A charging station as alerts, the portal or an inventory described it last."""

    __tablename__ = "stations"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    serial: Mapped[str | None] = mapped_column(String(64), unique=True)
    portal_id: Mapped[str | None] = mapped_column(String(64), unique=True)
    name: Mapped[str | None] = mapped_column(String(200))
    site: Mapped[str | None] = mapped_column(String(200))
    area: Mapped[str | None] = mapped_column(String(100), index=True)
    carrier: Mapped[str | None] = mapped_column(String(100))
    generation: Mapped[int | None]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    modem_flagged_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    modem_flag_reason: Mapped[str | None] = mapped_column(String(200))
    comms: Mapped[str | None] = mapped_column(String(32))
    radio_group: Mapped[str | None] = mapped_column(String(100))
    portal_url: Mapped[str | None] = mapped_column(String(500))
    address: Mapped[str | None] = mapped_column(String(300))
    access: Mapped[str | None] = mapped_column(String(300))
    """How to get to it; shown to the technician of a visit alone."""
    panel: Mapped[str | None] = mapped_column(String(200))
    circuits: Mapped[int | None]
    muted_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """Until then nobody is called for it."""
    mute_reason: Mapped[str | None] = mapped_column(String(300))


class Incident(Base):
    """One trouble of one station, from the alert to the repair log.

    `turn` counts moves and guards buttons; `version` counts what the card shows.
    """

    __tablename__ = "incidents"
    __table_args__ = (
        Index(
            "uq_incidents_open",
            "station_id",
            "code",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_incidents_station_closed", "station_id", "closed_at"),
        Index("ix_incidents_station_opened", "station_id", "opened_at"),
        Index("ix_incidents_opened_at", "opened_at"),
        Index("ix_incidents_closed_at", "closed_at"),
        Index(
            "ix_incidents_first_day",
            "first_day",
            sqlite_where=text("first_day IS NOT NULL"),
            postgresql_where=text("first_day IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("stations.id"))
    code: Mapped[str] = mapped_column(String(64))
    step: Mapped[str] = mapped_column(String(64))
    origin_step: Mapped[str | None] = mapped_column(String(64))
    turn: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    runbook: Mapped[str] = mapped_column(String(64))
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime)
    raised_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_communication: Mapped[datetime | None] = mapped_column(UTCDateTime)
    entered_at: Mapped[datetime] = mapped_column(UTCDateTime)
    deadline_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    looked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When the portal last told the station's status, also if it told nothing new."""
    rung_step: Mapped[bool] = mapped_column(default=False)
    """Somebody was already called for the step the incident stands on."""
    owner: Mapped[str | None] = mapped_column(String(32))
    first_person_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    remedy_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    back_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    restarts: Mapped[int] = mapped_column(default=0)
    tried: Mapped[bool] = mapped_column(default=False)
    """A restart was tried in this incident, whatever became of it."""
    promised_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """The moment something was promised for: the day a SIM arrives."""
    technician: Mapped[str | None] = mapped_column(String(32))
    """To whom the visit was given, a Slack user id; the name beside it is what they were called then."""
    technician_name: Mapped[str | None] = mapped_column(String(100))
    visit: Mapped[str | None] = mapped_column(String(16))
    """How the visit stands: `asked`, `accepted` or `on site`; None without one."""
    planned_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    parked_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """Until then nobody is called for what the incident waits for."""
    zero_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When 0 V was proved on every circuit: the gate zero-volts is open since then."""
    spoke_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When the technician last did anything; silence under a lock is told to the lead."""
    needs: Mapped[str | None] = mapped_column(String(16))
    """What the visit found to be replaced later: `sim` or `part`."""
    hazard: Mapped[str | None] = mapped_column(String(100))
    """What a lock that somebody else removed left open; no restart and no closing before it is settled."""
    fix: Mapped[str | None] = mapped_column(String(64))
    finding: Mapped[str | None] = mapped_column(String(64))
    reopenings: Mapped[int] = mapped_column(default=0)
    lost_seconds: Mapped[int | None]
    """How long the station was without contact, over all re-openings; known when the incident is closed."""
    drill: Mapped[bool] = mapped_column(default=False, server_default=false())
    """An exercise with a simulated station; it counts nowhere."""
    first_day: Mapped[str | None] = mapped_column(String(16))
    """`listed`: down before Relink was first started; a line of one list, no card. `left`: it has a card since."""
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Lockout(Base):
    """One lock of one person on one breaker. It ends by its owner typing the tag again, or by a lead's record."""

    __tablename__ = "lockouts"
    __table_args__ = (
        Index(
            "uq_lockouts_standing",
            "incident_id",
            "technician",
            "circuit",
            unique=True,
            sqlite_where=text("off_at IS NULL"),
            postgresql_where=text("off_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    technician: Mapped[str] = mapped_column(String(32))
    technician_name: Mapped[str | None] = mapped_column(String(100))
    circuit: Mapped[int]
    breaker: Mapped[str] = mapped_column(String(100))
    tag: Mapped[str] = mapped_column(String(100))
    on_at: Mapped[datetime] = mapped_column(UTCDateTime)
    measured_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When 0 V was proved on this circuit under this lock."""
    off_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    off_by: Mapped[str | None] = mapped_column(String(32))
    off_why: Mapped[str | None] = mapped_column(String(300))
    """Why somebody else than its owner recorded it as removed."""


class Alert(Base):
    """One delivery of one alert; kept also when it changed nothing."""

    __tablename__ = "alerts"
    __table_args__ = (UniqueConstraint("source", "alert_id", "status"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    source: Mapped[str] = mapped_column(String(64))
    alert_id: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(16))
    code: Mapped[str] = mapped_column(String(64))
    station_id: Mapped[int | None] = mapped_column(ForeignKey("stations.id"))
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incidents.id"), index=True)
    outcome: Mapped[str] = mapped_column(String(16))
    raised_at: Mapped[datetime] = mapped_column(UTCDateTime)
    cleared_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_communication: Mapped[datetime | None] = mapped_column(UTCDateTime)
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Move(Base):
    """One taken step: who, when, from where to where. Append-only."""

    __tablename__ = "moves"
    __table_args__ = (UniqueConstraint("incident_id", "turn"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    turn: Mapped[int]
    """The incident's turn before this move: the one its button carried."""
    step: Mapped[str] = mapped_column(String(64))
    choice: Mapped[str] = mapped_column(String(64))
    to_step: Mapped[str] = mapped_column(String(64))
    actor: Mapped[str] = mapped_column(String(32))
    """A Slack user id, or `relink` for what nobody clicked."""
    actor_name: Mapped[str | None] = mapped_column(String(100))
    """What that person was called in Slack then: a line of the thread names people, a mention would ring them."""
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    runbook: Mapped[str] = mapped_column(String(64))


class Answer(Base):
    """One fact about an incident: what, from whom, true when. Append-only; the newest truth is chosen when read."""

    __tablename__ = "answers"
    __table_args__ = (Index("ix_answers_incident", "incident_id", "id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    turn: Mapped[int]
    name: Mapped[str] = mapped_column(String(64))
    value: Mapped[Any] = mapped_column(JSON)
    source: Mapped[str] = mapped_column(String(16))
    """`portal`, `person`, `alert` or `relink`."""
    actor: Mapped[str | None] = mapped_column(String(32))
    as_of: Mapped[datetime] = mapped_column(UTCDateTime)
    at: Mapped[datetime] = mapped_column(UTCDateTime)


class Timer(Base):
    """When to look at an incident again. One of a kind per incident; gone once it ran."""

    __tablename__ = "timers"

    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    turn: Mapped[int]
    due_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    lease: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """Real time: a moved clock must not end a lease."""


class Outgoing(Base):
    """A message or a portal command still to be delivered, or the trace of one that was."""

    __tablename__ = "outgoing"
    __table_args__ = (
        Index(
            "ix_outgoing_waiting",
            "rank",
            "id",
            sqlite_where=text("state IN ('new', 'retry', 'sending')"),
            postgresql_where=text("state IN ('new', 'retry', 'sending')"),
        ),
        Index("ix_outgoing_incident", "incident_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(String(100), unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    """`card`, `visit`, `line`, `list`, `command`, `view`, `digest` or `chart`; `bot.messages.outbox` makes them."""
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incidents.id"))
    rank: Mapped[int]
    """What goes first: the least; `bot.messages.outbox` names the ranks."""
    template: Mapped[str | None] = mapped_column(String(100))
    payload: Mapped[Any] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(16), default="new")
    """`new`, `sending`, `retry`, `sent` or `dead`."""
    wanted: Mapped[int] = mapped_column(default=1)
    delivered: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    next_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """Real time, as are the lease and the moment of sending below."""
    lease: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    sending_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """The procedure's time at which a command left; what a crash leaves behind to count from."""
    under: Mapped[str | None] = mapped_column(String(100))
    """The key of the card a line stands under."""
    channel: Mapped[str | None] = mapped_column(String(32))
    """Where it goes; of a visit the technician's user id until its direct message is open."""
    ts: Mapped[str | None] = mapped_column(String(32))
    reason: Mapped[str | None] = mapped_column(String(300))


class Pace(Base):
    """How far ahead of itself a Slack limit is booked, shared by all replicas. Real time."""

    __tablename__ = "paces"

    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    free_at: Mapped[datetime] = mapped_column(UTCDateTime)
