"""What every table shares: names of constraints, and times that are always UTC."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, ClassVar

from sqlalchemy import DateTime, Dialect, MetaData
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


_UTC_OFFSET = "+00:00"


class UTCDateTime(TypeDecorator[datetime]):
    """A moment. Aware in, aware UTC out; a naive time raises ValueError instead of being guessed at.

    PostgreSQL keeps `timestamptz`; SQLite keeps UTC text with microseconds, which sorts as time does.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        """What turns a moment into the database's. It raises ValueError for a time without a zone."""
        keep = as_text if dialect.name == "sqlite" else _in_utc

        def process(value: datetime | None) -> Any:
            if value is None:
                return None
            if value.utcoffset() is None:
                raise ValueError(f"a time without a zone cannot be stored: {value!r}")
            return keep(value)

        return process

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        """What turns the stored moment into an aware one in UTC."""
        read = _of_text if dialect.name == "sqlite" else _in_utc
        return lambda value: None if value is None else read(value)


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def as_text(moment: datetime) -> str:
    """A moment as SQLite keeps it: UTC with microseconds, without its offset."""
    return _utc_as_text(moment if moment.tzinfo is UTC else moment.astimezone(UTC))


@lru_cache(maxsize=256)  # one click keeps the same moment in eight places
def _utc_as_text(moment: datetime) -> str:
    return moment.isoformat(" ", "microseconds").removesuffix(_UTC_OFFSET)


def _of_text(text: str) -> datetime:
    return datetime.fromisoformat(text + _UTC_OFFSET)


class Base(DeclarativeBase):
    """The root of all mapped tables; `Mapped[datetime]` is a `UTCDateTime` by itself."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map: ClassVar = {datetime: UTCDateTime}
