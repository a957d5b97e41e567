"""Two cards of one visit: who has which buttons where, how the technician's goes out, how its forms are blanked."""

from collections.abc import Iterator
from typing import Any

import pytest

from bot.incidents import locks
from bot.messages import forms, outbox
from bot.messages.render import Message
from bot.people import Person
from bot.runbook.model import Role
from bot.runbook.press import decode
from db.models import Outgoing
from tests.incidents import site
from tests.incidents.desk import LEAD, NIGHT, ONE, RULES
from tests.incidents.site import NEXT, NEXT_LOCK, ONE_LOCK, TECH, UNLOCK, form
from tests.messages.moods import cut_before, refused
from tests.messages.post_office import PostOffice
from tests.messages.rows import parcel_of

UPDATE = "views.update"
ON_SITE = frozenset({Role.TECHNICIAN, Role.ASSIGNED})


def elements(message: Message) -> Iterator[dict[str, Any]]:
    for block in message.blocks:
        yield from block.get("elements", ()) if block["type"] == "actions" else ()


def pressed(message: Message) -> list[str]:
    """What the card's buttons take, without its menu."""
    return [decode(part["value"]).choice for part in elements(message) if part["type"] == "button"]


def entries(message: Message) -> list[str]:
    """What the card's menu offers."""
    return [decode(one["value"]).choice for part in elements(message) for one in part.get("options", ())]


async def desks_card(office: PostOffice) -> Message:
    """The card in the channel as it is now."""
    known = await office.drawing.facts(1)
    assert known is not None
    return office.drawing.card(known)


async def card_of(office: PostOffice, who: Person = TECH) -> Message:
    """The visit's card of this technician as it is now."""
    (parcel,) = [row for row in await site.rows(office.desk, "visit") if row["payload"]["to"] == who.user_id]
    drawn = await office.draw(parcel_of(Outgoing(**parcel)))
    assert drawn is not None
    return drawn.message


# Who has which buttons

WAYS = {
    "asked": (["choose-another", "paper"], ["accept", "plan", "cannot"]),
    "on_site": ([], ["check", "stop-here", "no-access"]),
    "at_lock_out": ([], ["lock", "cannot-lock", "stop-here", "no-access"]),
    "locked": (
        ["change-technician", "lock-removed"],
        ["measure", "in-doubt", "other-source", "leave", "stop"],
    ),
    "stopped": (
        ["change-technician", "lock-removed"],
        ["measure-anew", "in-doubt", "other-source", "leave", "stop"],
    ),
    "gate_open": (["change-technician", "lock-removed"], ["opened", "all-answers", "stop"]),
    "at_restore": (["change-technician", "lock-removed"], ["unlock", "late-answers"]),
}
"""How it stands: the choices of the card in the channel, those of the technician's."""


@pytest.mark.parametrize("way", WAYS)
async def test_each_card_has_the_choices_of_its_people(office: PostOffice, way: str) -> None:
    await getattr(site, way)(office.desk)
    desks, technicians = WAYS[way]
    card = await desks_card(office)

    assert [choice for choice in pressed(card) if choice not in {"take", "park"}] == desks
    assert pressed(await card_of(office)) == technicians


@pytest.mark.parametrize("way", [way for way in WAYS if way != "asked"])
async def test_nothing_on_the_card_in_the_channel_opens_a_gate_or_restarts(
    office: PostOffice, way: str
) -> None:
    await getattr(site, way)(office.desk)
    step = RULES.runbook.steps[(await office.desk.incident()).step]
    own = {choice.id for choice in step.choices}
    card = await desks_card(office)

    assert not own & {*pressed(card), *entries(card)}
    assert "restart" not in " ".join(pressed(card))


async def test_the_menus_are_those_of_the_card(office: PostOffice) -> None:
    await site.locked(office.desk)

    assert entries(await desks_card(office)) == ["note", "correct", "hand-over", "help", "more"]
    assert entries(await card_of(office)) == ["note", "help"]


async def test_a_form_opens_from_its_button_and_a_choice_is_taken_by_its_own(office: PostOffice) -> None:
    await site.locked(office.desk)
    by_choice = {
        decode(part["value"]).choice: part for part in elements(await card_of(office)) if "value" in part
    }

    assert by_choice["measure"]["action_id"] == "ask:measure"
    assert by_choice["in-doubt"]["action_id"] == "press:in-doubt"
    assert [part.get("style") for part in by_choice.values()].count("primary") == 1
    assert by_choice["stop"]["style"] == "danger"


async def test_once_the_gate_is_shut_by_its_age_the_card_offers_nothing_inside(office: PostOffice) -> None:
    await site.gate_open(office.desk)
    office.desk.later(hours=12)

    assert pressed(await card_of(office)) == []


# Own locks of who handed the visit over


async def test_own_locks_come_off_by_a_button_once_the_successors_are_on(office: PostOffice) -> None:
    desk = office.desk
    await site.locked(desk)
    await site.change(desk)
    assert pressed(await card_of(office)) == []
    await site.lock_out(desk, NEXT_LOCK, NEXT)

    former = await card_of(office)
    assert pressed(former) == ["own-locks"]
    assert entries(former) == []
    assert "own-locks" not in pressed(await card_of(office, NEXT))
    await site.take_off_own(desk, TECH, tag_1="T-114")
    assert pressed(await card_of(office)) == []


async def test_who_never_locked_has_no_locks_to_take_off(office: PostOffice) -> None:
    desk = office.desk
    await site.at_lock_out(desk)
    await desk.press("cannot-lock", TECH, form("reason", {"reason": "no key"}))
    await desk.press("choose", values=form("visit", {}, technician=NEXT))

    assert pressed(await card_of(office)) == []


# The visit's card goes out


async def test_the_visits_card_is_a_direct_message_edited_in_place(office: PostOffice) -> None:
    await site.asked(office.desk)
    for _ in range(3):
        await office.deliver()
    channel = office.slack.im(TECH.user_id)
    assert channel is not None
    (card,) = [one for one in office.slack.messages(channel) if one.thread_ts is None]
    ts, blocks = card.ts, card.blocks
    (row,) = await site.rows(office.desk, "visit")
    assert (row["channel"], row["ts"], row["state"]) == (channel, card.ts, "sent")
    await office.desk.press("accept", TECH)
    await office.deliver()

    (after,) = [one for one in office.slack.messages(channel) if one.thread_ts is None]
    assert (after.ts, after.blocks != blocks) == (ts, True)
    assert office.calls("conversations.open") == 1


async def test_a_change_of_technician_has_two_cards_and_both_are_brought_up_to_date(
    office: PostOffice,
) -> None:
    await site.locked(office.desk)
    await site.change(office.desk)
    version = (await office.desk.incident()).version

    rows = await site.rows(office.desk, "visit")
    assert {row["payload"]["to"]: row["wanted"] for row in rows} == {
        TECH.user_id: version,
        NEXT.user_id: version,
    }
    lines = {row["under"]: row["template"] for row in await site.rows(office.desk, "line")}
    assert lines[outbox.visit_key(1, TECH.user_id)] == "rings/visit-off.j2"


async def test_both_cards_follow_what_is_done_at_the_desk_alone(office: PostOffice) -> None:
    desk = office.desk
    await site.at_restore(desk)
    await desk.press("unlock", TECH, form("unlock", UNLOCK))
    (row,) = await site.rows(desk, "visit")
    assert row["wanted"] == (await desk.incident()).version


# Forms behind the gate


OURS = "f0f0"
"""Our name of a form."""


async def gated_view(office: PostOffice) -> str:
    """The technician has a form of the cabinet open."""
    await site.gate_open(office.desk)
    trigger = office.slack._world.triggers.issue(TECH.user_id)  # a click stands for it elsewhere
    view = forms.modal(RULES.runbook.forms["cabinet"], "form:cabinet", "1:9:all-answers", {})
    await office.db.write(locks.keep_view, 1, OURS, NIGHT)
    await office.client.views_open(trigger_id=trigger, view={**view, "external_id": OURS})
    await office.db.write(locks.keep_view, 1, OURS, NIGHT)
    await office.deliver()
    assert office.calls(UPDATE) == 0
    return OURS


async def row_of(office: PostOffice, view: str) -> tuple[str, int]:
    """State and deliveries of a remembered form."""
    row = await office.row(f"view:{view}")
    return row["state"], row["delivered"]


async def test_an_open_form_is_blanked_when_the_gate_shuts_and_once(office: PostOffice) -> None:
    view = await gated_view(office)
    await office.desk.press("stop", TECH)
    for _ in range(3):
        await office.deliver()

    shown = office.slack.open_view(TECH.user_id)
    assert shown is not None
    assert shown.body["callback_id"] == "blank"
    assert [block["type"] for block in shown.body["blocks"]] == ["section"]
    assert (office.calls(UPDATE), await row_of(office, view)) == (1, ("sent", 1))


async def test_a_form_that_was_closed_meanwhile_is_out_of_sight_and_done(office: PostOffice) -> None:
    await site.gate_open(office.desk)
    await office.db.write(locks.keep_view, 1, "V0CLOSED", NIGHT)
    await office.desk.press("stop", TECH)
    for _ in range(3):
        await office.deliver()

    assert (office.calls(UPDATE), await row_of(office, "V0CLOSED")) == (1, ("sent", 1))


@pytest.mark.parametrize(
    "mood", [refused("ratelimited", 429, Retry_After="1"), cut_before, refused("fatal_error")]
)
async def test_a_form_that_could_not_be_blanked_is_blanked_later(office: PostOffice, mood: Any) -> None:
    view = await gated_view(office)
    office.moods[UPDATE].append(mood)
    await office.desk.press("stop", TECH)
    await office.deliver()
    assert (await row_of(office, view))[0] == "retry"
    office.later(60)
    await office.deliver()

    shown = office.slack.open_view(TECH.user_id)
    assert shown is not None
    assert (shown.body["callback_id"], await row_of(office, view)) == ("blank", ("sent", 1))


@pytest.mark.parametrize("who", [ONE, LEAD])
async def test_blanking_goes_before_everything_else(office: PostOffice, who: Person) -> None:
    desk = office.desk
    await site.gate_open(desk, ONE_LOCK)
    await office.db.write(locks.keep_view, 1, "V1", NIGHT)
    if who is ONE:
        await site.change(desk)
    else:
        await desk.press("lock-removed", LEAD, form("lock-removed", site.REMOVED))

    assert "view:V1" in [parcel.key for parcel in await office.claim()][:2]
