"""Judgements of what people entered: the values of a form name the choice they lead to."""

from collections.abc import Callable, Iterable, Mapping

from bot.errors import FieldsWrong

SESSION_PARTS = ("authentication", "start", "energy", "end", "record")
"""Manual 5 (7): what a test session must show."""


def sim_status(values: Mapping[str, str]) -> str:
    """Manual 4.1 (4) and 1, the first match leads: defective, inactive or over its cap, the carrier, else nothing."""
    if values.get("defective") == "yes":
        return "sim-defective"
    if values.get("active") == "no" or values.get("cap") == "yes":
        return "inactive-or-cap"
    return "carrier-issue" if values.get("carrier") == "yes" else "nothing-found"


def paper(values: Mapping[str, str]) -> str:
    """A visit whose results came on paper: the station was put right, or something was found and not."""
    return "put-right" if values.get("result") == "put right" else "found-only"


def session_tested(values: Mapping[str, str]) -> str:
    """Manual 5 (7): the choice these answers lead to. Raises FieldsWrong without an answer or a cause."""
    _refuse_missing(part for part in SESSION_PARTS if values.get(part) not in {"yes", "no"})
    if all(values[part] == "yes" for part in SESSION_PARTS):
        return "passed"
    match values.get("cause"):
        case "connection":
            return "failed"
        case "another reason":
            return "failed-otherwise"
        case _:
            raise FieldsWrong({"cause": "One part failed: was it the connection or another reason?"})


def _refuse_missing(fields: Iterable[str]) -> None:
    missing = dict.fromkeys(fields, "Please answer yes or no.")
    if missing:
        raise FieldsWrong(missing)


FORM_JUDGEMENTS: Mapping[str, Callable[[Mapping[str, str]], str]] = {
    "test-session": session_tested,
    "sim-status": sim_status,
    "paper": paper,
}
