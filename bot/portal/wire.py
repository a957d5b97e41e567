"""The portal's JSON as contract values, read strictly.

A field is known, not known (missing, null or blank: None), or the whole answer is unusable: `PortalDown` with
a sentence that names the field. Nothing is guessed and nothing but `PortalDown` is raised, whatever the JSON.
"""

import json
import math
from datetime import UTC, datetime
from typing import NoReturn

from bot.errors import PortalDown
from bot.portal.contract import (
    Alarm,
    Capabilities,
    Capability,
    Command,
    Nearby,
    Neighbour,
    Outcome,
    Setting,
    Signal,
    Station,
    Status,
)

LONGEST_DETAIL = 500
HALF_THE_EARTH_M = 21_000_000
A_DAY_MS = 86_400_000
COMMS = frozenset({"cellular", "wifi", "gateway", "gateway_child"})
UNSTORABLE = "\x00"
"""PostgreSQL takes no NUL in a text."""


def unusable(what: str) -> NoReturn:
    """Give up on an answer. Raises PortalDown."""
    raise PortalDown(f"The portal's answer cannot be used: {what}.")


def decode(body: bytes) -> object:
    """The JSON value in `body`. Raises PortalDown."""
    try:
        value: object = json.loads(body, parse_constant=lambda word: unusable(f"{word} is not JSON"))
    except (ValueError, RecursionError):
        unusable("it is not JSON")
    return value


class Record:
    """One JSON object of an answer; `name` is how messages call it."""

    def __init__(self, name: str, value: object) -> None:
        if not isinstance(value, dict):
            unusable(f"{name} is not an object")
        self.name = name
        self._fields: dict[str, object] = value

    def wrong(self, field: str, why: str) -> NoReturn:
        """Give up because of one field. Raises PortalDown."""
        unusable(f"{self.name}.{field} {why}")

    def maybe_text(self, field: str) -> str | None:
        """A text without blanks around it, or None."""
        value = self._fields.get(field)
        if value is None:
            return None
        if not isinstance(value, str):
            self.wrong(field, "is not a text")
        try:
            value.encode()
        except UnicodeEncodeError:
            self.wrong(field, "is not valid Unicode")
        if UNSTORABLE in value:
            self.wrong(field, "holds a NUL character")
        return value.strip() or None

    def text(self, field: str) -> str:
        """A text that must be there."""
        value = self.maybe_text(field)
        return self.wrong(field, "is missing") if value is None else value

    def maybe_word(self, field: str, words: frozenset[str]) -> str | None:
        """One of `words`, or None."""
        value = self.maybe_text(field)
        if value is not None and value not in words:
            self.wrong(field, "is none of the words it may be")
        return value

    def maybe_truth(self, field: str) -> bool | None:
        """True, False, or None for not known."""
        value = self._fields.get(field)
        if value is not None and not isinstance(value, bool):
            self.wrong(field, "is neither true nor false")
        return value

    def truth(self, field: str) -> bool:
        """True or False; it must be there."""
        value = self.maybe_truth(field)
        return self.wrong(field, "is missing") if value is None else value

    def maybe_number(self, field: str, low: float, high: float) -> float | None:
        """A number from `low` to `high`, or None."""
        value = self._fields.get(field)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.wrong(field, "is not a number")
        if not low <= value <= high:
            self.wrong(field, f"is not between {low:g} and {high:g}")
        return float(value)

    def maybe_whole(self, field: str, low: int, high: int) -> int | None:
        """A whole number from `low` to `high`, or None."""
        value = self.maybe_number(field, low, high)
        if value is None:
            return None
        if not value.is_integer():
            self.wrong(field, "is not a whole number")
        return int(value)

    def maybe_time(self, field: str) -> datetime | None:
        """A time in UTC, or None. A time without a zone is refused."""
        value = self.maybe_text(field)
        if value is None:
            return None
        try:
            time = datetime.fromisoformat(value)
        except ValueError:
            self.wrong(field, "is not a time")
        if time.tzinfo is None:
            self.wrong(field, "has no time zone")
        try:
            return time.astimezone(UTC)
        except OverflowError:
            self.wrong(field, "is not a time")

    def time(self, field: str) -> datetime:
        """A time in UTC that must be there."""
        value = self.maybe_time(field)
        return self.wrong(field, "is missing") if value is None else value

    def maybe_list(self, field: str) -> list[object]:
        """A list; empty if missing or null."""
        value = self._fields.get(field)
        if value is None:
            return []
        if not isinstance(value, list):
            self.wrong(field, "is not a list")
        return value

    def items(self) -> list[object]:
        """The list every page must have under `items`."""
        if self._fields.get("items") is None:
            self.wrong("items", "is missing")
        return self.maybe_list("items")

    def texts(self, field: str) -> tuple[str, ...]:
        """A list of texts; empty if missing or null."""
        values = [Record(field, {"text": value}) for value in self.maybe_list(field)]
        return tuple(value.text("text") for value in values)


def to_capabilities(value: object) -> Capabilities:
    """Who can do what; a capability the portal leaves out stays a person's."""
    record = Record("capabilities", value)

    def who(field: str) -> Capability:
        return Capability(record.maybe_word(field, frozenset(Capability)) or Capability.MANUAL)

    return Capabilities(
        status=who("status"),
        alarms=who("alarms"),
        restart=who("restart"),
        get_configuration=who("get_configuration"),
        signal=who("signal"),
        nearby=who("nearby"),
    )


def to_station(value: object) -> Station:
    """A station; everything but id and serial may be not known."""
    record = Record("station", value)
    return Station(
        id=record.text("id"),
        serial=record.text("serial"),
        name=record.maybe_text("name"),
        model=record.maybe_text("model"),
        generation=record.maybe_whole("generation", 1, 2),
        site=record.maybe_text("site"),
        area=record.maybe_text("area"),
        latitude=record.maybe_number("latitude", -90, 90),
        longitude=record.maybe_number("longitude", -180, 180),
        comms=record.maybe_word("comms", COMMS),
        radio_group=record.maybe_text("radio_group"),
        carrier=record.maybe_text("carrier"),
        portal_url=record.maybe_text("portal_url"),
        address=record.maybe_text("address"),
        access=record.maybe_text("access"),
        panel=record.maybe_text("panel"),
        circuits=record.maybe_whole("circuits", 0, 99),
    )


def to_status(value: object) -> Status:
    """The status of one station; without id or `as_of` it says nothing."""
    record = Record("status", value)
    return Status(
        id=record.text("id"),
        online=record.maybe_truth("online"),
        last_communication=record.maybe_time("last_communication"),
        active_sessions=record.maybe_whole("active_sessions", 0, 99),
        as_of=record.time("as_of"),
    )


def to_alarm(value: object) -> Alarm:
    """One alarm; it counts as active while `cleared_at` is not known."""
    record = Record("alarm", value)
    return Alarm(
        id=record.text("id"),
        station_id=record.text("station_id"),
        code=record.text("code"),
        raised_at=record.time("raised_at"),
        cleared_at=record.maybe_time("cleared_at"),
    )


def to_signal(value: object) -> Signal:
    """Signal strength in bars, 0 to 5 (manual 5, 8 asks for 2)."""
    record = Record("signal", value)
    return Signal(
        bars=record.maybe_whole("bars", 0, 5),
        weak=record.maybe_truth("weak"),
        measured_at=record.maybe_time("measured_at"),
    )


def to_neighbour(value: object) -> Neighbour:
    """One station near another; the distance is in metres."""
    record = Record("neighbour", value)
    return Neighbour(
        id=record.text("id"),
        serial=record.text("serial"),
        distance_m=record.maybe_number("distance_m", 0, HALF_THE_EARTH_M),
        online=record.maybe_truth("online"),
        last_communication=record.maybe_time("last_communication"),
        codes=record.texts("codes"),
        carrier=record.maybe_text("carrier"),
        radio_group=record.maybe_text("radio_group"),
    )


def to_nearby(value: object, around: str) -> Nearby:
    """The neighbours of the station `around`, itself left out; with a further page they are not complete."""
    record = Record("nearby", value)
    neighbours = [to_neighbour(item) for item in record.items()]
    return Nearby(
        items=tuple(neighbour for neighbour in neighbours if neighbour.id != around),
        complete=record.truth("complete") and record.maybe_text("next") is None,
    )


def to_command(value: object) -> Command:
    """A command and its outcome; `detail` is cut at 500 characters, parts of a millisecond round up."""
    record = Record("command", value)
    outcome = record.maybe_word("outcome", frozenset(Outcome)) or record.wrong("outcome", "is missing")
    detail = record.maybe_text("detail")
    round_trip = record.maybe_number("round_trip_ms", 0, A_DAY_MS)
    settings = [Record("setting", item) for item in record.maybe_list("settings")]
    return Command(
        id=record.maybe_text("id"),
        outcome=Outcome(outcome),
        detail=detail[:LONGEST_DETAIL] if detail else None,
        sent_at=record.maybe_time("sent_at"),
        answered_at=record.maybe_time("answered_at"),
        round_trip_ms=None if round_trip is None else math.ceil(round_trip),
        settings=tuple(
            Setting(setting.text("key"), setting.maybe_text("value"), setting.maybe_truth("readonly"))
            for setting in settings
        ),
        unknown_keys=record.texts("unknown_keys"),
    )
