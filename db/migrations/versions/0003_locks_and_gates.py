"""Locks on breakers, the zero-volts gate, and what the database itself refuses while a lock is on.

Revision 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op

from db.base import UTCDateTime
from db.migrations.helpers import (
    altered,
    forget_locks,
    forget_under_a_lock,
    keep_locks,
    refuse_under_a_lock,
)

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INCIDENTS = (
    ("zero_at", UTCDateTime()),
    ("spoke_at", UTCDateTime()),
    ("needs", sa.String(length=16)),
    ("hazard", sa.String(length=100)),
)


def upgrade() -> None:
    op.create_table(
        "lockouts",
        sa.Column("id", Id, nullable=False),
        sa.Column("incident_id", Id, nullable=False),
        sa.Column("technician", sa.String(length=32), nullable=False),
        sa.Column("technician_name", sa.String(length=100)),
        sa.Column("circuit", sa.Integer(), nullable=False),
        sa.Column("breaker", sa.String(length=100), nullable=False),
        sa.Column("tag", sa.String(length=100), nullable=False),
        sa.Column("on_at", UTCDateTime(), nullable=False),
        sa.Column("measured_at", UTCDateTime()),
        sa.Column("off_at", UTCDateTime()),
        sa.Column("off_by", sa.String(length=32)),
        sa.Column("off_why", sa.String(length=300)),
        sa.PrimaryKeyConstraint("id", name="pk_lockouts"),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="fk_lockouts_incident_id_incidents"),
    )
    standing = sa.text("off_at IS NULL")
    op.create_index(
        "uq_lockouts_standing",
        "lockouts",
        ["incident_id", "technician", "circuit"],
        unique=True,
        sqlite_where=standing,
        postgresql_where=standing,
    )
    for name, kind in INCIDENTS:
        op.add_column("incidents", sa.Column(name, kind))
    refuse_under_a_lock()
    keep_locks()


def downgrade() -> None:
    forget_under_a_lock()
    # The older version knows neither these forms nor these timers.
    op.execute("DELETE FROM outgoing WHERE kind = 'view'")
    op.execute("DELETE FROM timers WHERE kind IN ('gate', 'silent')")
    op.drop_table("lockouts")
    forget_locks()
    with altered("incidents") as batch:
        for name, _ in INCIDENTS:
            batch.drop_column(name)
