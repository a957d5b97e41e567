"""Rows as CSV that a spreadsheet opens as what it is: numbers as numbers, text as text, nothing as a formula."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Final

Cell = str | int | float | bool | None

BOM: Final = "\ufeff"
"""Stands first in the file: without it Excel takes UTF-8 for something else."""
_FORMULA: Final = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""What a formula begins with, and the wide forms that some spreadsheets take for the same."""
_INSIDE: Final = re.compile("((?:;|(?<=\\S)[\t\r\n])\\s*)([=+@\uff1d\uff0b\uff0d\uff20-])")
"""The same after what some spreadsheets take for the end of a cell."""
_KEPT_CONTROLS: Final = frozenset("\t\r\n")
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs"})


def lines(rows: Iterable[Sequence[Cell]]) -> bytes:
    """The rows in UTF-8, each ended as RFC 4180 wants it."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows([[_written(cell) for cell in row] for row in rows])
    return text.getvalue().encode()


def heading(names: Sequence[str]) -> bytes:
    """The first line of a file, behind its mark."""
    return BOM.encode() + lines([names])


def utc(at: datetime | None) -> str | None:
    """A moment in UTC, to the second."""
    return None if at is None else f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def local(at: datetime | None, zone: tzinfo) -> str | None:
    """The same moment as the zone's clocks show it, with how far they are from UTC."""
    return None if at is None else at.astimezone(zone).isoformat(timespec="seconds")


def _written(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "yes" if cell else "no"
        case int() | float():
            return str(cell)
        case _:
            return _harmless(cell)


def _harmless(text: str) -> str:
    """Text as somebody wrote it, less what cannot be seen, never the beginning of a formula."""
    if not text.isprintable():
        text = "".join(
            one for one in text if one in _KEPT_CONTROLS or unicodedata.category(one) not in _UNSEEN
        )
    # Some spreadsheets look for the sign behind spaces, too, and some take a semicolon for the end of a cell.
    text = _INSIDE.sub(r"\1'\2", text)
    begins = text[:1] in _FORMULA or text.lstrip()[:1] in _FORMULA
    return f"'{text}" if text and begins else text
