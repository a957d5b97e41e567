"""Nothing that somebody wrote becomes a formula, a broken line or a name written backwards."""

import csv
import io
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from bot.reports import csv_text
from db.writer import Database
from tests.reports.reading import exported
from tests.reports.rows import add_closed, add_move, add_station

WORDS = {
    "=1+1": "'=1+1",
    "+1": "'+1",
    "-1": "'-1",
    "@SUM(A1)": "'@SUM(A1)",
    "\t=1": "'\t=1",
    "\r=1": "'\r=1",
    "\n=1": "'\n=1",
    "  =1+1": "'  =1+1",
    "\u202e=1+1": "'=1+1",
    "\uff1d1": "'\uff1d1",
    'a "quoted", name': 'a "quoted", name',
    "two\r\nlines": "two\r\nlines",
    "right\u200fto\u202eleft": "righttoleft",
    "-": "'-",
    "Depot;=cmd|'/C calc'!A0": "Depot;'=cmd|'/C calc'!A0",
    ";-1;b": ";'-1;b",
    "'": "'",
    "Ünïcødé 電": "Ünïcødé 電",
}


NAMES = ("station_serial", "portal_id", "station_name", "site", "area", "carrier", "modem_flag_reason")
BY_PEOPLE = ("fix", "technician", "owner")


async def test_nothing_that_somebody_wrote_is_a_formula(db: Database) -> None:
    def write(session: Session) -> None:
        for words in WORDS:
            named: dict[str, Any] = {name.removeprefix("station_"): words for name in NAMES}
            station = add_station(session, **named)
            incident = add_closed(session, station, fix=words, technician_name=words, owner="U0")
            add_move(session, incident, 0, "log-repair", "log", "closed", actor="U0", actor_name=words)

    await db.write(write)
    rows = await exported(db)
    for column in (*NAMES, *BY_PEOPLE):
        assert [row[column] for row in rows] == list(WORDS.values()), column


@pytest.mark.parametrize(("words", "cell"), [("\0", ""), ("\0=1", "'=1"), ("a\0b", "ab")])
def test_a_nul_is_left_out(words: str, cell: str) -> None:
    """PostgreSQL would not even keep it."""
    assert csv_text.lines([[words]]).decode() == (f"{cell}\r\n" if cell else '""\r\n')


def without_signs(text: str) -> str:
    """What can be read of it, but for the sign that is put before a formula, also in the middle of a cell."""
    return "".join(one for one in text if one.isprintable() and one != "'")


@given(st.lists(st.text(), min_size=2, max_size=6))
@example(["", "0\r="])
def test_whatever_is_written_is_read_back_as_text(cells: list[str]) -> None:
    (read,) = csv.reader(io.StringIO(csv_text.lines([cells]).decode(), newline=""))
    assert len(read) == len(cells)
    for before, after in zip(cells, read, strict=True):
        assert without_signs(after) == without_signs(before)
        assert after.count("'") >= before.count("'"), "signs are put in, none is taken out"
        assert after[:1] not in tuple("=+-@\t\r")
