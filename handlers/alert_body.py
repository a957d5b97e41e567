"""What an alert may look like: the JSON of `POST /alerts`, and the plain alerts made of it."""

import hashlib
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from bot.incidents.intake import AlertIn
from bot.incidents.stations import StationSeen
from bot.portal.contract import is_drill
from handlers.gate import Pairs, read_json
from handlers.problems import NotServed

MOST_ALERTS = 10_000
"""Alerts in one body."""

YEARS = range(2000, 2100)
"""The years an alert may speak of."""

_NAME = r"^[A-Za-z0-9][A-Za-z0-9:._-]{0,63}$"
_WORD = r"^[!-~]{1,64}$"
_TEXT = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]*$"
_SENTENCES = {
    _NAME: "must be up to 64 of A-Z, a-z, 0-9, : . _ and -, a letter or digit first",
    _WORD: "must be up to 64 printable characters without spaces",
    _TEXT: "must not hold control characters",
}
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)", re.ASCII)


def read_alerts(body: bytes) -> list[AlertIn]:
    """The alerts of one body, in the order sent.

    Raises NotServed: 400 if it is not JSON that can be read in one way only, 422 with every wrong field.
    """
    try:
        content = read_json(body.decode(), on_object=_once)
    except UnicodeDecodeError:
        raise NotServed(400, "The body is not UTF-8.") from None
    try:
        if isinstance(content, dict) and "alerts" in content:
            return [one.alert() for one in _BATCH.validate_python(content).alerts]
        return [_ALERT.validate_python(content).alert()]
    except ValidationError as wrong:
        details = wrong.errors(include_url=False, include_input=False)
        errors = [{"path": _path(error["loc"]), "message": _message(error)} for error in details]
        raise NotServed(422, "Nothing was taken: fields are wrong.", errors=errors) from None


def _moment(value: Any) -> datetime:
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise PydanticCustomError("time", "must be a time with a zone such as 2026-11-22T08:10:00Z")
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise PydanticCustomError("time", "is on no calendar or clock") from None
    if moment.year not in YEARS:
        raise PydanticCustomError("time", "must lie in the years 2000 to 2099")
    return moment.astimezone(UTC)


Moment = Annotated[datetime, BeforeValidator(_moment)]


def _not_of_a_drill(value: str) -> str:
    if is_drill(value):
        raise PydanticCustomError("drill", "is kept for the stations of drills")
    return value


Name = Annotated[str, Field(pattern=_NAME), AfterValidator(_not_of_a_drill)]
LongText = Annotated[str, Field(max_length=200, pattern=_TEXT)]
ShortText = Annotated[str, Field(max_length=100, pattern=_TEXT)]


class _Body(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")


class _Station(_Body):
    id: Name | None = None
    serial: Name | None = Field(None, validate_default=True)
    name: LongText | None = None
    site: LongText | None = None
    area: ShortText | None = None
    carrier: ShortText | None = None
    generation: Annotated[int, Field(ge=1, le=2)] | None = None
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None

    # Checks between fields hang on a field: a check of the whole would be skipped while any field is wrong.
    @field_validator("serial")
    @classmethod
    def _named(cls, value: str | None, others: ValidationInfo) -> str | None:
        if value is None and others.data.get("id", ...) is None:
            raise PydanticCustomError("nameless", "missing, and so is id: one of them is needed")
        return value

    def seen(self) -> StationSeen:
        """What this alert says of its station; an empty text says nothing."""
        return StationSeen(
            serial=self.serial,
            id=self.id,
            name=self.name or None,
            site=self.site or None,
            area=self.area or None,
            carrier=self.carrier or None,
            generation=self.generation,
            latitude=self.latitude,
            longitude=self.longitude,
        )


class _Alert(_Body):
    alert_id: Annotated[str, Field(min_length=1, max_length=200, pattern=_TEXT)] | None = None
    code: Annotated[str, Field(pattern=_WORD)]
    status: Literal["raised", "cleared"] = "raised"
    station: _Station
    raised_at: Moment
    cleared_at: Moment | None = Field(None, validate_default=True)
    last_communication: Moment | None = None

    @field_validator("cleared_at")
    @classmethod
    def _fits_status(cls, value: datetime | None, others: ValidationInfo) -> datetime | None:
        status = others.data.get("status")
        if status == "cleared" and value is None:
            raise PydanticCustomError("unfit", "missing: the status is cleared")
        if status == "raised" and value is not None:
            raise PydanticCustomError("unfit", "must be null: the status is raised")
        return value

    def alert(self) -> AlertIn:
        """The plain alert; where the sender gave no id, one made of what makes it this alert."""
        return AlertIn(
            alert_id=self.alert_id or self._fingerprint(self.status),
            code=self.code,
            status=self.status,
            station=self.station.seen(),
            raised_at=self.raised_at,
            cleared_at=self.cleared_at,
            last_communication=self.last_communication,
            end_id=self.alert_id or self._fingerprint("cleared"),
        )

    def _fingerprint(self, status: str) -> str:
        station = self.station.serial or self.station.id
        parts = f"{self.code}\n{station}\n{status}\n{self.raised_at.isoformat()}"
        return hashlib.sha256(parts.encode()).hexdigest()


class _Batch(_Body):
    alerts: Annotated[list[_Alert], Field(max_length=MOST_ALERTS)]


_ALERT = TypeAdapter(_Alert)
_BATCH = TypeAdapter(_Batch)


def _once(pairs: Pairs) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise NotServed(400, "A name comes twice in one object.")
    return fields


def _path(parts: Iterable[int | str]) -> str:
    """`alerts[2].station.serial`; `$` for the whole body."""
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    return path.removeprefix(".") or "$"


def _message(error: ErrorDetails) -> str:
    if error["type"] == "missing":
        return "missing"
    if error["type"] == "string_pattern_mismatch":
        return _SENTENCES[error["ctx"]["pattern"]]
    return error["msg"]
