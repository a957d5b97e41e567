"""The first day: stations that were down before Relink was first started stand on one list.

Revision 0006, after 0005.
"""

import sqlalchemy as sa
from alembic import op

from db.migrations.helpers import altered

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("incidents", sa.Column("first_day", sa.String(length=16)))
    op.create_index(
        "ix_incidents_first_day",
        "incidents",
        ["first_day"],
        sqlite_where=sa.text("first_day IS NOT NULL"),
        postgresql_where=sa.text("first_day IS NOT NULL"),
    )


def downgrade() -> None:
    # The older version's courier knows no list, and its timers no drill that was forgotten.
    op.execute("DELETE FROM outgoing WHERE kind = 'list'")
    op.execute("DELETE FROM timers WHERE kind = 'drill'")
    op.drop_index("ix_incidents_first_day", "incidents")
    with altered("incidents") as batch:
        batch.drop_column("first_day")
