"""Strict reading of TOML: tables that know their file and line and refuse what nobody asked for.

`tomllib` gives no lines, so they are found by the headers and keys of the text, which is exact for files
written with one header or key a line, as ours are.
"""

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from bot.errors import RunbookWrong
from bot.runbook.press import ID

_HEADER = re.compile(r"\s*\[{1,2}([\w.-]+)\]{1,2}\s*(?:#.*)?")
_AT_LINE = re.compile(r"at line (\d+)")


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a file: its values, and the lines (from 1) `first` to `last` it was read from."""

    file: str
    lines: tuple[str, ...]
    path: str
    values: Mapping[str, object]
    first: int
    last: int

    @property
    def where(self) -> str:
        """file:line of the declaration."""
        return f"{self.file}:{self.first}"

    def wrong(self, what: str, key: str | None = None) -> RunbookWrong:
        """The error that points at this table, or at its key."""
        return RunbookWrong(f"{self.file}:{self.line_of(key) if key else self.first}: {what}")

    def line_of(self, key: str) -> int:
        """The line where `key` is set, or its own header; else the line of this table."""
        assigned = re.compile(rf"\s*\"?{re.escape(key)}\"?\s*=")
        for number in self._own_lines():
            if assigned.match(self.lines[number - 1]):
                return number
        return next(iter(self._headers(key)), self.first)

    def only(self, *known: str) -> None:
        """Refuse every key that is not among `known`."""
        for key in self.values:
            if key not in known:
                raise self.wrong(f"unknown key `{key}`{_nearest(key, known)}", key)

    def text(self, key: str) -> str:
        """The text of a key that must be there."""
        value = self.maybe_text(key)
        if value is None:
            raise self.wrong(f"`{key}` is missing")
        return value

    def maybe_text(self, key: str) -> str | None:
        """The text of a key, None without it."""
        value = self.values.get(key)
        if value is not None and (not isinstance(value, str) or not value.strip()):
            raise self.wrong(f"`{key}` must be a text", key)
        return value

    def short(self, key: str, longest: int) -> str | None:
        """A text of at most `longest` characters, None without it."""
        value = self.maybe_text(key)
        if value is not None and len(value) > longest:
            raise self.wrong(f"`{key}` has {len(value)} characters, {longest} at most: {value!r}", key)
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """The list of texts of a key, empty without it."""
        values = self.values.get(key, [])
        if not isinstance(values, list):
            raise self.wrong(f"`{key}` must be a list of texts", key)
        texts = tuple(value for value in values if isinstance(value, str))
        if len(texts) < len(values):
            raise self.wrong(f"`{key}` must be a list of texts", key)
        return texts

    def flag(self, key: str, default: bool) -> bool:
        """true or false."""
        value = self.values.get(key, default)
        if not isinstance(value, bool):
            raise self.wrong(f"`{key}` must be true or false", key)
        return value

    def name(self, key: str, known: Collection[str], what: str) -> str | None:
        """A text that must be one of `known` (things called `what`), None without it."""
        value = self.maybe_text(key)
        if value is not None and value not in known:
            raise self.wrong(f"unknown {what} {value!r}{_nearest(value, known)}", key)
        return value

    def names(self, key: str, known: Collection[str], what: str) -> tuple[str, ...]:
        """A list of texts that must each be one of `known` (things called `what`)."""
        values = self.texts(key)
        for value in values:
            if value not in known:
                raise self.wrong(f"unknown {what} {value!r}{_nearest(value, known)}", key)
        return values

    def id(self, pattern: str = ID) -> str:
        """The `id` of this table, written as `pattern` says."""
        value = self.text("id")
        if not re.fullmatch(pattern, value):
            raise self.wrong(f"id {value!r} is not written as ids are: {pattern}", "id")
        return value

    def table(self, key: str) -> "Table | None":
        """The table under `key`, with a header of its own or inline; None without it."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self.wrong(f"`{key}` must be a table", key)
        headers = self._headers(key)
        return self._child(key, value, headers[0]) if headers else self._inline(key, value)

    def tables(self, key: str) -> "tuple[Table, ...]":
        """The tables under `[[key]]`, in their order."""
        values = self.values.get(key, [])
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            raise self.wrong(f"`{key}` must be tables, each under [[{self._path(key)}]]", key)
        headers = self._headers(key)
        if len(headers) != len(values):
            return tuple(self._inline(key, value) for value in values)
        return tuple(self._child(key, value, line) for value, line in zip(values, headers, strict=True))

    def _path(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def _own_lines(self) -> Iterable[int]:
        """The lines of this table before the first header inside it."""
        yield self.first
        for number in range(self.first + 1, self.last + 1):
            if _HEADER.fullmatch(self.lines[number - 1]):
                return
            yield number

    def _headers(self, key: str) -> list[int]:
        found = []
        for number in range(self.first, self.last + 1):
            header = _HEADER.fullmatch(self.lines[number - 1])
            if header and header[1] == self._path(key):
                found.append(number)
        return found

    def _child(self, key: str, values: Mapping[str, object], first: int) -> "Table":
        path = self._path(key)
        last = first
        while last < self.last:
            header = _HEADER.fullmatch(self.lines[last])
            if header and not header[1].startswith(path + "."):
                break
            last += 1
        return Table(self.file, self.lines, path, values, first, last)

    def _inline(self, key: str, values: Mapping[str, object]) -> "Table":
        line = self.line_of(key)
        return Table(self.file, self.lines, self._path(key), values, line, line)


def read(path: Path) -> Table:
    """The whole file as one table. Raises RunbookWrong if it is missing, not UTF-8 or not TOML."""
    file = f"{path.parent.name}/{path.name}"
    try:
        text = path.read_text(encoding="utf-8")
        values = tomllib.loads(text)
    except FileNotFoundError:
        raise RunbookWrong(f"{file}:1: the file is missing") from None
    except UnicodeDecodeError as error:
        raise RunbookWrong(f"{file}:1: not UTF-8: {error.reason}") from error
    except tomllib.TOMLDecodeError as error:
        found = _AT_LINE.search(str(error))
        line = found[1] if found else len(text.splitlines())
        raise RunbookWrong(f"{file}:{line}: not TOML: {error}") from error
    lines = tuple(text.splitlines()) or ("",)
    return Table(file, lines, "", values, 1, len(lines))


def unique(tables: Iterable[Table], what: str, pattern: str = ID) -> dict[str, Table]:
    """The tables by their id. Raises RunbookWrong at the second one of an id."""
    found: dict[str, Table] = {}
    for table in tables:
        name = table.id(pattern)
        if name in found:
            raise table.wrong(f"duplicate {what} {name!r}, first in {found[name].where}", "id")
        found[name] = table
    return found


def _nearest(word: str, known: Collection[str]) -> str:
    near = get_close_matches(word, sorted(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""
