"""Pieces that migrations share."""

import re
from collections.abc import Iterator, Mapping
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
    """`op.batch_alter_table` after which every trigger is there again, whatever version the database is at.

    On SQLite a batch alter copies the table: the table's own triggers are lost without a word, and those of other
    tables that look into it stop the copy from getting its name.
    """
    triggers = _triggers_around(table) if op.get_context().dialect.name == "sqlite" else {}
    for name in triggers:
        op.execute(f"DROP TRIGGER {name}")
    with op.batch_alter_table(table) as batch:
        yield batch
    for made_by in triggers.values():
        # Not through `op.execute`, which takes a colon for a parameter.
        op.get_bind().exec_driver_sql(made_by)


def _triggers_around(table: str) -> Mapping[str, str]:
    """The triggers of this table, and those of others whose text names it: by what statement each was made."""
    rows = op.get_bind().exec_driver_sql(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
    )
    named = re.compile(rf"\b{re.escape(table)}\b")
    return {name: made_by for name, made_by in rows if named.search(made_by)}


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


_KEPT_OF_A_LOCK = ("id", "incident_id", "technician", "technician_name", "circuit", "breaker", "tag", "on_at")
"""What was recorded when a lock was put on; nobody changes it afterwards."""


def keep_locks() -> None:
    """Let the database refuse to delete a lock, to change what was recorded of it, and to put it on again."""
    lite = op.get_context().dialect.name == "sqlite"
    differs = "IS NOT" if lite else "IS DISTINCT FROM"
    changed = " OR ".join(f"NEW.{name} {differs} OLD.{name}" for name in _KEPT_OF_A_LOCK)
    changed = f"{changed} OR OLD.off_at IS NOT NULL"
    if lite:
        for change, when in (("update", f"WHEN {changed}"), ("delete", "")):
            op.execute(
                f"CREATE TRIGGER lockouts_keep_{change} BEFORE {change.upper()} ON lockouts {when} "
                "BEGIN SELECT RAISE(ABORT, 'a lock is a record'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION keep_lock() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'a lock is a record' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for change, when in (
        ("UPDATE", f"FOR EACH ROW WHEN ({changed})"),
        ("DELETE", "FOR EACH ROW"),
        ("TRUNCATE", "FOR EACH STATEMENT"),
    ):
        op.execute(
            f"CREATE TRIGGER lockouts_keep_{change.lower()} BEFORE {change} ON lockouts {when} "
            "EXECUTE FUNCTION keep_lock()"
        )


def forget_locks() -> None:
    """Remove what the triggers of `keep_locks` called, once the table itself is gone."""
    if op.get_context().dialect.name != "sqlite":
        op.execute("DROP FUNCTION keep_lock()")
