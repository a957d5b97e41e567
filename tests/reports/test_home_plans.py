"""What the Home tab asks of a long history, on both databases: each question goes through an index."""

import re
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.orm import Session

from bot.reports import home
from db.writer import Database
from tests.incidents.desk import NIGHT, ONE, RULES
from tests.incidents.walk_parts import BOTH
from tests.reports.homes import LATER, Town, viewer

NUMBERS = {
    "sqlite": "WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < 20000)",
    "postgresql": "WITH n(k) AS (SELECT generate_series(1, 20000))",
}
_KEPT = "code, step, turn, version, runbook, opened_at, raised_at, entered_at"
_KEPT += ", attempts, rung_step, restarts, tried, reopenings"
HISTORY = f"""
INSERT INTO incidents (id, station_id, closed_at, {_KEPT})
{{numbers}} SELECT 1000 + k, 1 + k % 20, entered_at, {_KEPT} FROM n, incidents WHERE incidents.id = 1
"""  # noqa: S608 (our own names)


async def test_no_question_reads_the_history_from_end_to_end(db: Database) -> None:
    """20,000 closed incidents and 20 open ones: the plan of every statement goes through an index."""
    town = Town(db)
    for _ in range(20):
        town.has(modem_flagged_at=NIGHT, muted_until=LATER, owner=ONE.user_id)
    await town.written()

    def fill(session: Session) -> None:
        numbers = NUMBERS[session.get_bind().dialect.name]
        session.execute(text(HISTORY.format(numbers=numbers)))
        session.execute(text("ANALYZE"))

    await town.db.write(fill)

    def plans(session: Session) -> list[str]:
        asked: list[tuple[str, Any]] = []
        connection = session.connection()

        @event.listens_for(connection, "before_cursor_execute")
        def note(_conn: Any, _cursor: Any, statement: str, values: Any, _context: Any, _many: bool) -> None:
            asked.append((statement, values))

        viewers = [viewer(ONE), viewer(BOTH)]
        for one in viewers:
            home.overview(session, one, RULES.runbook, NIGHT)
            for which in home.LISTS:
                home.listed(session, one, which, 0, RULES.runbook, NIGHT)
        event.remove(connection, "before_cursor_execute", note)
        lite = connection.dialect.name == "sqlite"
        explain = "EXPLAIN QUERY PLAN " if lite else "EXPLAIN "
        found = []
        for statement, values in asked:
            lines = [str(row[-1]) for row in connection.exec_driver_sql(explain + statement, values)]
            found.append("\n".join([statement, *lines]))
        return found

    told = await town.db.read(plans)

    assert len(told) > 20
    scans = re.compile(r"^\s*(->\s*)?Seq Scan on incidents|^SCAN (incidents|lately)(?! USING)", re.MULTILINE)
    assert [plan for plan in told if scans.search(plan)] == []
