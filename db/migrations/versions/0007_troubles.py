"""What keeps Relink from speaking to Slack is remembered, so that all replicas wait and nobody is told twice.

Revision 0007, after 0006.
"""

import sqlalchemy as sa
from alembic import op

from db.base import UTCDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "troubles",
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_at", UTCDateTime(), nullable=False),
        sa.Column("told_at", UTCDateTime()),
        sa.Column("ended_at", UTCDateTime()),
        sa.PrimaryKeyConstraint("key", name="pk_troubles"),
    )


def downgrade() -> None:
    # The older version's courier knows neither notes nor what is told of a gap.
    op.execute("DELETE FROM outgoing WHERE kind IN ('note', 'gap')")
    op.drop_table("troubles")
