"""What Relink noticed of itself and told the leads; what its lives heard of their own messages.

Revision 0008, after 0007.
"""

import sqlalchemy as sa
from alembic import op

from db.base import UTCDateTime
from db.migrations.helpers import altered

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("runs", sa.Column("heard", sa.String(length=32)))
    op.add_column("runs", sa.Column("late", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "notices",
        sa.Column("id", Id, nullable=False),
        sa.Column("trouble", sa.String(length=16), nullable=False),
        sa.Column("life", Id, nullable=False),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.Column("over_at", UTCDateTime()),
        sa.Column("late", sa.Integer(), nullable=False),
        sa.Column("off_seconds", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
        sa.UniqueConstraint("trouble", "since", name="uq_notices_trouble_since"),
        sa.ForeignKeyConstraint(["life"], ["runs.id"], name="fk_notices_life_runs"),
    )
    op.create_index(
        "uq_notices_standing",
        "notices",
        ["trouble"],
        unique=True,
        sqlite_where=sa.text("over_at IS NULL"),
        postgresql_where=sa.text("over_at IS NULL"),
    )


def downgrade() -> None:
    # The older version's courier does not know what Relink says of itself.
    op.execute("DELETE FROM outgoing WHERE kind = 'self'")
    op.drop_index("uq_notices_standing", "notices")
    op.drop_table("notices")
    with altered("runs") as batch:
        batch.drop_column("late")
        batch.drop_column("heard")
