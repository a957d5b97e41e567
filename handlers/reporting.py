"""A station is reported by hand: `open SERIAL`, or "Report this charger" in a message's menu."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from bot.deps import Deps
from bot.errors import FieldsWrong, PortalDown, PortalRefused, Refused
from bot.incidents import reporting
from bot.incidents.stations import StationSeen
from bot.messages import forms, replies
from bot.messages.home import Page
from bot.portal.contract import Capability
from bot.reports import finding
from handlers import typed
from handlers.asked import Asked, Directly
from handlers.homes import Homes
from handlers.stations import named
from handlers.who import person_of

SHORTCUT = "report_charger"
NO_NAME = "This cannot be a serial. It is on the station and in the portal, such as CT4G-20117."


def register(app: AsyncApp, deps: Deps, homes: Homes) -> None:
    """The message shortcut, and the form that it and Home open."""

    @app.shortcut(SHORTCUT)
    async def on_shortcut(ack: AsyncAck, body: dict[str, Any]) -> None:
        reporting.must_report(await person_of(deps, body))
        words = typed.words_of(str(body["message"].get("text") or ""))
        serial = await deps.db.read(finding.named_in, words)
        # The form's answer has no place to be told at but the one of the message.
        place = str(body["response_url"])
        view = forms.modal(forms.REPORT_FORM, forms.REPORT_FORM.id, place, {"serial": serial})
        deps.tasks.spawn(replies.opened(deps.slack, body, view))
        await ack()

    @app.view(forms.REPORT_FORM.id)
    async def on_report(ack: AsyncAck, view: dict[str, Any], body: dict[str, Any]) -> None:
        reporting.must_report(await person_of(deps, body))
        values = forms.submitted(forms.REPORT_FORM, view["state"]["values"])
        said = typed.read(f"open {values['serial']}")
        if not typed.is_name(said.name):
            raise FieldsWrong({"serial": NO_NAME})
        url, user, words = str(view["private_metadata"]), str(body["user"]["id"]), values.get("note", "")
        if url and not _is_slacks(url, deps.settings.slack_api_url):
            raise Refused("This form cannot be read. Please open it once more.")
        if url:
            asked = Asked(deps, body, said, AsyncRespond(response_url=url))
            asked.later(_open(asked, words))
        else:
            asked = Asked(deps, body, said, Directly(deps, user))
            asked.later(_open_from_home(asked, words, user, homes))
        await ack()


def _is_slacks(url: str, api: str) -> bool:
    """Is this an answer address of the Slack we talk to? Nothing is sent anywhere else."""
    ours = urlsplit(api)
    try:
        given = urlsplit(url)
        place = (given.scheme, given.hostname, given.port)
    except ValueError:
        return False
    hosts = (ours.hostname, f"hooks.{ours.hostname}")
    return place in [(ours.scheme, host, ours.port) for host in hosts]


async def _open_from_home(asked: Asked, words: str, user: str, homes: Homes) -> None:
    await _open(asked, words)
    homes.show(user, asked.body, Page())


async def open_by_hand(asked: Asked) -> None:
    """`open SERIAL`: an incident for a station nobody sent an alert for."""
    asked.later(_open(asked, ""))


async def _open(asked: Asked, words: str) -> None:
    deps = asked.deps
    person = await person_of(deps, asked.body)
    reporting.must_report(person)
    seen = await _station(deps, named(asked))
    now = deps.clock.now()
    reported = await deps.db.write(reporting.report, seen, person, words, deps.rules, now)
    deps.metrics.alerts.labels(reported.outcome).inc()
    deps.nudge()
    facts = _facts(reported)
    await asked.point("answers/opened.j2", facts, reported.incident)


def _facts(reported: reporting.Reported) -> Mapping[str, Any]:
    return {"label": reported.label, "reference": reported.reference, "outcome": reported.outcome}


async def _station(deps: Deps, name: str) -> StationSeen:
    """The station to report: one Relink knows, else one the portal knows. Raises Refused with what to do instead."""
    found = await deps.db.read(finding.meant, name)
    if found.station is not None or found.several:
        return await deps.db.read(reporting.known, found.one())
    if not typed.is_name(name):
        raise Refused(NO_NAME)
    near = f" Did you mean {found.near}?" if found.near else ""
    how = f"{near} A station comes to Relink with its first alert (POST /alerts)."
    if deps.abilities.now.status is not Capability.AUTO:
        raise Refused(f"Relink has not heard of {name}, and no portal is connected that could know it.{how}")
    try:
        station = await deps.portal.station(name.upper())
    except (PortalDown, PortalRefused):
        raise Refused(f"Relink has not heard of {name}, and the portal does not answer now.{how}") from None
    if station is None:
        raise Refused(f"Relink has not heard of {name}, and the portal does not know it either.{how}")
    return reporting.of_portal(station)
