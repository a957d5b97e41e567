"""The first tables: stations, incidents and what leads to them, what happens to them and what goes out.

Revision 0001, the first one.
"""

import sqlalchemy as sa
from alembic import op

from db.base import UTCDateTime
from db.migrations.helpers import append_only, forget_append_only

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "paces",
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("free_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_paces"),
    )
    op.create_table(
        "stations",
        sa.Column("id", Id, nullable=False),
        sa.Column("serial", sa.String(length=64)),
        sa.Column("portal_id", sa.String(length=64)),
        sa.Column("name", sa.String(length=200)),
        sa.Column("site", sa.String(length=200)),
        sa.Column("area", sa.String(length=100)),
        sa.Column("carrier", sa.String(length=100)),
        sa.Column("generation", sa.Integer()),
        sa.Column("latitude", sa.Double()),
        sa.Column("longitude", sa.Double()),
        sa.Column("modem_flagged_at", UTCDateTime()),
        sa.Column("modem_flag_reason", sa.String(length=200)),
        sa.PrimaryKeyConstraint("id", name="pk_stations"),
        sa.UniqueConstraint("portal_id", name="uq_stations_portal_id"),
        sa.UniqueConstraint("serial", name="uq_stations_serial"),
    )
    op.create_index("ix_stations_area", "stations", ["area"])

    op.create_table(
        "incidents",
        sa.Column("id", Id, nullable=False),
        sa.Column("station_id", Id, nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("step", sa.String(length=64), nullable=False),
        sa.Column("origin_step", sa.String(length=64)),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("runbook", sa.String(length=64), nullable=False),
        sa.Column("opened_at", UTCDateTime(), nullable=False),
        sa.Column("raised_at", UTCDateTime(), nullable=False),
        sa.Column("last_communication", UTCDateTime()),
        sa.Column("entered_at", UTCDateTime(), nullable=False),
        sa.Column("deadline_at", UTCDateTime()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("looked_at", UTCDateTime()),
        sa.Column("rung_step", sa.Boolean(), nullable=False),
        sa.Column("owner", sa.String(length=32)),
        sa.Column("first_person_at", UTCDateTime()),
        sa.Column("remedy_at", UTCDateTime()),
        sa.Column("back_at", UTCDateTime()),
        sa.Column("restarts", sa.Integer(), nullable=False),
        sa.Column("tried", sa.Boolean(), nullable=False),
        sa.Column("promised_at", UTCDateTime()),
        sa.Column("fix", sa.String(length=64)),
        sa.Column("finding", sa.String(length=64)),
        sa.Column("reopenings", sa.Integer(), nullable=False),
        sa.Column("closed_at", UTCDateTime()),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name="fk_incidents_station_id_stations"),
        sa.PrimaryKeyConstraint("id", name="pk_incidents"),
    )
    op.create_index("ix_incidents_station_closed", "incidents", ["station_id", "closed_at"])
    op.create_index(
        "uq_incidents_open",
        "incidents",
        ["station_id", "code"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )

    op.create_table(
        "alerts",
        sa.Column("id", Id, nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("alert_id", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("station_id", Id),
        sa.Column("incident_id", Id),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("raised_at", UTCDateTime(), nullable=False),
        sa.Column("cleared_at", UTCDateTime()),
        sa.Column("last_communication", UTCDateTime()),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="fk_alerts_incident_id_incidents"),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name="fk_alerts_station_id_stations"),
        sa.PrimaryKeyConstraint("id", name="pk_alerts"),
        sa.UniqueConstraint("source", "alert_id", "status", name="uq_alerts_source_alert_id_status"),
    )
    op.create_index("ix_alerts_incident_id", "alerts", ["incident_id"])

    op.create_table(
        "answers",
        sa.Column("id", Id, nullable=False),
        sa.Column("incident_id", Id, nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.String(length=32)),
        sa.Column("as_of", UTCDateTime(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="fk_answers_incident_id_incidents"),
        sa.PrimaryKeyConstraint("id", name="pk_answers"),
    )
    op.create_index("ix_answers_incident", "answers", ["incident_id", "id"])

    op.create_table(
        "moves",
        sa.Column("id", Id, nullable=False),
        sa.Column("incident_id", Id, nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=64), nullable=False),
        sa.Column("choice", sa.String(length=64), nullable=False),
        sa.Column("to_step", sa.String(length=64), nullable=False),
        sa.Column("actor", sa.String(length=32), nullable=False),
        sa.Column("actor_name", sa.String(length=100)),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("runbook", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="fk_moves_incident_id_incidents"),
        sa.PrimaryKeyConstraint("id", name="pk_moves"),
        sa.UniqueConstraint("incident_id", "turn", name="uq_moves_incident_id_turn"),
    )
    op.create_table(
        "outgoing",
        sa.Column("id", Id, nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("incident_id", Id),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("template", sa.String(length=100)),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("delivered", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime()),
        sa.Column("next_at", UTCDateTime()),
        sa.Column("lease", sa.String(length=32)),
        sa.Column("lease_until", UTCDateTime()),
        sa.Column("sending_at", UTCDateTime()),
        sa.Column("channel", sa.String(length=32)),
        sa.Column("ts", sa.String(length=32)),
        sa.Column("reason", sa.String(length=300)),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="fk_outgoing_incident_id_incidents"),
        sa.PrimaryKeyConstraint("id", name="pk_outgoing"),
        sa.UniqueConstraint("key", name="uq_outgoing_key"),
    )
    op.create_index("ix_outgoing_incident", "outgoing", ["incident_id"])
    op.create_index(
        "ix_outgoing_waiting",
        "outgoing",
        ["rank", "id"],
        sqlite_where=sa.text("state IN ('new', 'retry', 'sending')"),
        postgresql_where=sa.text("state IN ('new', 'retry', 'sending')"),
    )

    op.create_table(
        "timers",
        sa.Column("incident_id", Id, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("lease", sa.String(length=32)),
        sa.Column("lease_until", UTCDateTime()),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="fk_timers_incident_id_incidents"),
        sa.PrimaryKeyConstraint("incident_id", "kind", name="pk_timers"),
    )
    op.create_index("ix_timers_due_at", "timers", ["due_at"])
    append_only("moves")
    append_only("answers")


def downgrade() -> None:
    for table in ("timers", "outgoing", "moves", "answers", "alerts", "incidents", "stations", "paces"):
        op.drop_table(table)
    forget_append_only()
