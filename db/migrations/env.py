"""What Alembic runs: one transaction around all steps, on both databases."""

import os
from typing import Literal

from alembic import context
from sqlalchemy import Connection

from db import lives, tallies, troubles
from db.base import UTCDateTime
from db.engine import database_url, migration_engine

ONE_AT_A_TIME = 7_263_914_508
"""Key of the PostgreSQL lock that makes a second migration wait for the first."""

_WITH_TABLES = (tallies.Tally, troubles.Trouble, lives.Run)
"""The modules of these know the others: imported, all tables are in the one metadata."""


def migrate() -> None:
    """Bring the database of `attributes["url"]` (else DATABASE_URL) to the revision that was asked for."""
    url = context.config.attributes.get("url") or os.environ.get("DATABASE_URL", "sqlite:///relink.db")
    engine = migration_engine(database_url(url))
    try:
        with engine.begin() as connection:
            _migrate_on(connection)
    finally:
        engine.dispose()


def _migrate_on(connection: Connection) -> None:
    sqlite = connection.dialect.name == "sqlite"
    if not sqlite:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})")
    context.configure(
        connection=connection,
        target_metadata=_WITH_TABLES[0].metadata,
        render_as_batch=sqlite,
        render_item=_render_item,
        compare_type=True,
    )
    context.run_migrations()
    if sqlite:
        _check_foreign_keys(connection)


def _check_foreign_keys(connection: Connection) -> None:
    """Foreign keys were off while tables were replaced. Raises RuntimeError, which undoes everything."""
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise RuntimeError(f"the migration left a row of {broken[0]} without its row in {broken[2]}")


def _render_item(kind: str, item: object, _context: object) -> str | Literal[False]:
    """How a new migration writes down a column's type; False leaves it to Alembic."""
    return "UTCDateTime()" if kind == "type" and isinstance(item, UTCDateTime) else False


migrate()
