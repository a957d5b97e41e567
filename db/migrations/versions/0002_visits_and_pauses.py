"""Whom a visit was given to, what a technician must know of a station, parked incidents and muted stations.

Revision 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op

from db.base import UTCDateTime
from db.migrations.helpers import altered

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

STATIONS = (
    ("comms", sa.String(length=32)),
    ("radio_group", sa.String(length=100)),
    ("portal_url", sa.String(length=500)),
    ("address", sa.String(length=300)),
    ("access", sa.String(length=300)),
    ("panel", sa.String(length=200)),
    ("circuits", sa.Integer()),
    ("muted_until", UTCDateTime()),
    ("mute_reason", sa.String(length=300)),
)
INCIDENTS = (
    ("technician", sa.String(length=32)),
    ("technician_name", sa.String(length=100)),
    ("visit", sa.String(length=16)),
    ("planned_at", UTCDateTime()),
    ("parked_until", UTCDateTime()),
)
OUTGOING = (("under", sa.String(length=100)),)
ADDED = (("stations", STATIONS), ("incidents", INCIDENTS), ("outgoing", OUTGOING))


def upgrade() -> None:
    for table, columns in ADDED:
        for name, kind in columns:
            op.add_column(table, sa.Column(name, kind))
    op.execute("UPDATE outgoing SET under = 'card:' || incident_id WHERE kind = 'line'")


def downgrade() -> None:
    # What a technician was told has no place in the older version, and its courier would not know it.
    op.execute("DELETE FROM outgoing WHERE kind = 'visit' OR under LIKE 'visit:%'")
    for table, columns in reversed(ADDED):
        with altered(table) as batch:
            for name, _ in columns:
                batch.drop_column(name)
