"""What a story types into a form, as the form sends it."""

from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta

from bot.demo.slack.fields import CannotDo
from bot.demo.slack.view_book import View
from bot.demo.slack.workspace import Json


def values_of(view: View, answers: Mapping[str, str], now: datetime) -> dict[str, dict[str, object]]:
    """The answers (block id to value) as the form sends them at `now`, a time in the zone of the sites.

    Raises CannotDo for a field that is not there.
    """
    elements: dict[str, Json] = {
        block["block_id"]: block["element"] for block in view.body["blocks"] if block["type"] == "input"
    }
    missing = answers.keys() - elements.keys()
    if missing:
        raise CannotDo(f"The form has no field {', '.join(sorted(missing))}.")
    return {
        block_id: {elements[block_id]["action_id"]: _held(elements[block_id], answer, now)}
        for block_id, answer in answers.items()
    }


def _held(element: Json, answer: str, now: datetime) -> object:
    if element["type"] == "datetimepicker":
        return int(_next(time.fromisoformat(answer), now).timestamp())
    return {"option": answer} if "options" in element else answer


def _next(wanted: time, now: datetime) -> datetime:
    """When the clock shows this time next."""
    today = datetime.combine(now.date(), wanted, now.tzinfo)
    return today if today > now else datetime.combine(now.date() + timedelta(days=1), wanted, now.tzinfo)


def texts(part: object) -> Iterator[str]:
    """Every text in blocks."""
    if isinstance(part, list):
        for each in part:
            yield from texts(each)
    elif isinstance(part, dict):
        if isinstance(part.get("text"), str):
            yield part["text"]
        yield from (text for each in part.values() if isinstance(each, dict | list) for text in texts(each))
