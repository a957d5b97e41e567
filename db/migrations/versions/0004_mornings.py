"""What the morning digest asks for: since when the process lives, drills apart, incidents by their times.

Revision 0004, after 0003.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from db.base import UTCDateTime
from db.migrations.helpers import altered

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_UNTIL, _SINCE = "coalesce(back_at, closed_at)", "coalesce(last_communication, raised_at)"
_LOST = {
    "sqlite": f"max(0, round((julianday({_UNTIL}) - julianday({_SINCE})) * 86400))",
    "postgresql": f"greatest(0, extract(epoch FROM {_UNTIL} - {_SINCE}))::int",
}
"""What closed incidents lost; from now on their closing writes it down."""


def upgrade() -> None:
    op.create_table(
        "runs",
        sa.Column("id", Id, nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=False),
        sa.Column("alive_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
    )
    op.create_index("ix_runs_alive_at", "runs", ["alive_at"])
    op.add_column("incidents", sa.Column("lost_seconds", sa.Integer()))
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    seconds = _LOST["sqlite" if on_sqlite else "postgresql"]
    op.execute(f"UPDATE incidents SET lost_seconds = {seconds} WHERE closed_at IS NOT NULL")
    op.add_column("incidents", sa.Column("drill", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_incidents_opened_at", "incidents", ["opened_at"])
    op.create_index("ix_incidents_closed_at", "incidents", ["closed_at"])


def downgrade() -> None:
    _end_drills()
    # The older version's courier knows neither digests nor their charts.
    op.execute("DELETE FROM outgoing WHERE kind IN ('digest', 'chart')")
    op.drop_index("ix_incidents_closed_at", "incidents")
    op.drop_index("ix_incidents_opened_at", "incidents")
    with altered("incidents") as batch:
        batch.drop_column("drill")
        batch.drop_column("lost_seconds")
    op.drop_table("runs")


def _end_drills() -> None:
    """The older version would take an exercise that is open for a real station: it would ask, ring and restart."""
    began = "SELECT id FROM incidents WHERE drill"
    op.execute(f"DELETE FROM timers WHERE incident_id IN ({began})")
    op.execute(
        f"DELETE FROM outgoing WHERE state IN ('new', 'retry', 'sending') AND incident_id IN ({began})"
    )
    incidents = sa.table(
        "incidents",
        sa.column("step", sa.String),
        sa.column("fix", sa.String),
        sa.column("drill", sa.Boolean),
        sa.column("closed_at", UTCDateTime()),
    )
    is_open = incidents.c.drill & incidents.c.closed_at.is_(None)
    # As a closing leaves it: on the step of the log, from which cards and histories are drawn.
    ended = {"step": "log-repair", "fix": "could not complete"}
    op.execute(incidents.update().where(is_open).values(closed_at=datetime.now(UTC), **ended))
