"""The tables of what Relink remembers of itself: its lives, and the troubles its leads were told of.

Times are the procedure's time.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, UTCDateTime
from db.models import Id


class Run(Base):
    """One life of the serving process, seen alive last at `alive_at`. Between the lives it was down."""

    __tablename__ = "runs"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    alive_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    heard: Mapped[str | None] = mapped_column(String(32))
    """The ts of the newest message of ours that Slack told this life of."""
    late: Mapped[int] = mapped_column(default=0, server_default="0")
    """How many checks were due while nothing lived before it; they ran late."""


class Notice(Base):
    """A trouble of Relink itself that the leads were told of. One of a kind stands at a time."""

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("trouble", "since"),
        Index(
            "uq_notices_standing",
            "trouble",
            unique=True,
            sqlite_where=text("over_at IS NULL"),
            postgresql_where=text("over_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    trouble: Mapped[str] = mapped_column(String(16))
    life: Mapped[int] = mapped_column(ForeignKey("runs.id"))
    """The life that noticed it."""
    since: Mapped[datetime] = mapped_column(UTCDateTime)
    over_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    late: Mapped[int] = mapped_column(default=0)
    off_seconds: Mapped[int] = mapped_column(default=0)
    """By how much the clock was wrong; below 0: behind."""
