"""Typed work on an incident: `take`, `release`, `handover`, `note`. Each commits, then answers."""

from collections.abc import Mapping
from typing import Any

from bot.deps import Deps
from bot.errors import Refused
from bot.incidents import asides, ownership
from bot.messages.forms import NOTE_FORM, refuse_key
from bot.people import Person
from bot.reports import finding
from bot.reports.finding import Open
from handlers.asked import Asked
from handlers.stations import meant_or_only, named

(_NOTE,) = NOTE_FORM.fields


async def take(asked: Asked) -> None:
    """`take SERIAL`, or `take` where only one incident is nobody's."""
    person, deps = await asked.person(), asked.deps
    person.must_own()
    found = await meant_or_only(asked, None)
    await deps.db.write(ownership.take, found.incident, person, deps.rules, deps.clock.now())
    _tell(asked, "taken", found)


async def release(asked: Asked) -> None:
    """`release SERIAL`, or `release` for the only one that is one's own."""
    person, deps = await asked.person(), asked.deps
    person.must_own()
    found = await meant_or_only(asked, person.user_id)
    await deps.db.write(ownership.release, found.incident, person, deps.rules, deps.clock.now())
    _tell(asked, "released", found)


async def hand_over(asked: Asked) -> None:
    """`handover SERIAL @person`, or `handover @person` for the only one that is one's own."""
    person, deps = await asked.person(), asked.deps
    person.must_own()
    if len(asked.typed.people) != 1:
        command = deps.settings.slack_command
        raise Refused(
            f"To whom? Type {command} handover SERIAL @person and choose one person from Slack's list."
        )
    found = await meant_or_only(asked, person.user_id)
    to = await receiver(deps, asked.typed.people[0], asked.body)
    await deps.db.write(ownership.hand_over, found.incident, person, to, deps.rules, deps.clock.now())
    _tell(asked, "handed over", found, to=to.user_id)


async def note(asked: Asked) -> None:
    """`note SERIAL text`."""
    person, deps, words = await asked.person(), asked.deps, asked.typed.text
    found = await deps.db.read(finding.open_incident, named(asked))
    if not words:
        raise Refused(f"What shall the note say? Type {deps.settings.slack_command} note {found.label} TEXT.")
    refuse_key(words)
    if len(words) > _NOTE.longest:
        raise Refused(f"At most {_NOTE.longest} characters, please. This note has {len(words)}.")
    refuse_key(words)
    await deps.db.write(asides.note, found.incident, person, words, deps.clock.now())
    _tell(asked, "noted", found)


async def receiver(deps: Deps, user_id: str, body: Mapping[str, Any]) -> Person:
    """Who is to get an incident, with the roles of this moment. Raises Refused if Slack does not say.

    Only somebody of the home workspace gets this far, so the team of the payload is the one to compare with.
    """
    team = body["team_id"] if "team_id" in body else body["team"]["id"]
    try:
        return await deps.directory.person(user_id, str(team))
    except Refused:
        raise Refused("Slack does not say right now who that is, so nothing was handed over.") from None


def _tell(asked: Asked, what: str, found: Open, to: str = "") -> None:
    asked.deps.nudge()
    facts = {"what": what, "label": found.label, "to": to}
    asked.later(asked.point("answers/done.j2", facts, found.incident))
