"""Pieces that migrations share."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import op
from alembic.operations import BatchOperations

APPEND_ONLY = ("moves", "answers")
"""Tables whose rows are never changed and never deleted: the record of who did what."""

_REFUSE = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$
"""


def append_only(table: str) -> None:
    """Let the database refuse UPDATE and DELETE on `table` (and TRUNCATE on PostgreSQL)."""
    if op.get_context().dialect.name == "sqlite":
        for change in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{change} BEFORE {change.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(_REFUSE)
    op.execute(
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def forget_append_only() -> None:
    """Remove what the triggers called, once the tables themselves are gone."""
    if op.get_context().dialect.name != "sqlite":
        op.execute("DROP FUNCTION IF EXISTS refuse_change()")


@contextmanager
def altered(table: str) -> Iterator[BatchOperations]:
    """`op.batch_alter_table` that keeps an append-only table append-only.

    On SQLite a batch alter copies the table and loses its triggers without a word; here they are made again.
    """
    with op.batch_alter_table(table) as batch:
        yield batch
    if table in APPEND_ONLY and op.get_context().dialect.name == "sqlite":
        for change in ("update", "delete"):
            op.execute(f"DROP TRIGGER IF EXISTS {table}_no_{change}")
        append_only(table)


_LOCKED = "EXISTS (SELECT 1 FROM lockouts WHERE incident_id = {incident} AND off_at IS NULL)"
_UNDER_A_LOCK = (
    ("incidents", "UPDATE", "NEW.closed_at IS NOT NULL", "NEW.id"),
    ("incidents", "UPDATE", "NEW.step IN ('dispatch', 'restart-station', 'wait-for-reconnect')", "NEW.id"),
    ("outgoing", "INSERT", "NEW.kind = 'command'", "NEW.incident_id"),
    ("outgoing", "UPDATE", "NEW.kind = 'command' AND NEW.state = 'sending'", "NEW.incident_id"),
)
"""What cannot happen to an incident while one of its locks stands: table, change, when, whose."""


def refuse_under_a_lock() -> None:
    """Let the database refuse closing, a new visit and every command of an incident with a lock on."""
    lite = op.get_context().dialect.name == "sqlite"
    for number, (table, change, when, incident) in enumerate(_UNDER_A_LOCK):
        name, locked = f"under_a_lock_{number}", _LOCKED.format(incident=incident)
        if lite:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {change} ON {table} WHEN {when} AND {locked} "
                "BEGIN SELECT RAISE(ABORT, 'a lock is on'); END"
            )
        else:
            # PostgreSQL allows no subquery in WHEN, so the function looks itself.
            op.execute(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"IF {locked} THEN RAISE EXCEPTION 'a lock is on' "
                "USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$"
            )
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {change} ON {table} FOR EACH ROW "
                f"WHEN ({when}) EXECUTE FUNCTION {name}()"
            )


def forget_under_a_lock() -> None:
    """Remove what `refuse_under_a_lock` made."""
    for number, (table, *_) in enumerate(_UNDER_A_LOCK):
        if op.get_context().dialect.name == "sqlite":
            op.execute(f"DROP TRIGGER under_a_lock_{number}")
        else:
            op.execute(f"DROP TRIGGER under_a_lock_{number} ON {table}")
            op.execute(f"DROP FUNCTION under_a_lock_{number}()")
