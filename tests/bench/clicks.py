"""The click path: signed HTTP, gate, Bolt, one committed move, ack; held against Bolt that does nothing at all."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot import memory
from bot.messages.pace import Paces
from bot.messages.queue import Parcel
from bot.runbook.press import Press
from db.models import Move
from handlers.web import start
from tests.bench.report import Line, ratio_line
from tests.bench.seed import CHOICE, waiting_for_a_restart
from tests.bench.sending import SLACK_EVENTS, signed_click
from tests.bench.volley import HOST, Answer, Client, percentile
from tests.world import CHANNEL, SUPPORT, World, a_world

ENOUGH = 0.35
LONGEST_ACK_MS = 100


async def measure(folder: Path, client: Client, rounds: int, clicks: int) -> list[Line]:
    """So many clicks a round, on bare Bolt and on Relink in turns, and a round more to warm up.

    Every click is the one that waits on an incident of its own, and afterwards each must have made its move.
    Nothing is delivered to Slack or the portal meanwhile: that work has its own pace.
    """
    limits, ours = [], []
    answers: list[Answer] = []
    bare_answers: list[Answer] = []
    async with a_world(folder, paces=Paces()) as world, _bare_bolt(world) as bare:
        memory.started_up()  # as `serve` does
        presses = await waiting_for_a_restart(world.house.deps, (rounds + 1) * clicks)
        payload, relink = await _payload(world, presses[0]), int(world.address.rpartition(":")[2])
        for number in range(rounds + 1):
            bodies = [_body(payload, press) for press in presses[number * clicks : (number + 1) * clicks]]
            requests = [signed_click(world.town.secrets.signing, body) for body in bodies]
            limit = await client.fire(bare, requests)
            real = await client.fire(relink, requests)
            _check([*limit.answers, *real.answers])
            limits.append(limit.per_second)
            ours.append(real.per_second)
            if number:
                answers += real.answers
                bare_answers += limit.answers
        moved = await world.house.deps.db.read(_moves)
        assert moved == len(presses), f"{len(presses)} clicks made {moved} moves"
    ack = {
        "p50_ms": round(percentile(answers, 50), 1),
        "bare_p99_ms": round(percentile(bare_answers, 99), 1),
    }
    return [
        ratio_line("clicks, of bare Bolt", ours[1:], limits[1:], at_least=ENOUGH),
        Line("ack of a click, p99", percentile(answers, 99), "ms", at_most=LONGEST_ACK_MS, details=ack),
    ]


@asynccontextmanager
async def _bare_bolt(world: World) -> AsyncIterator[int]:
    """Bolt as its documentation shows it, on the same web server: its listener does nothing but ack."""
    settings = world.house.deps.settings
    app = AsyncApp(
        client=AsyncWebClient(world.town.secrets.bot_token, settings.slack_api_url),
        signing_secret=world.town.secrets.signing,
        process_before_response=True,
    )

    @app.action(f"press:{CHOICE}")
    async def on_press(ack: AsyncAck) -> None:
        await ack()

    runner, port = await start(app.web_app(SLACK_EVENTS), HOST, 0)
    try:
        yield port
    finally:
        await runner.cleanup()


async def _payload(world: World, press: Press) -> dict[str, Any]:
    """What Slack sends for a click on the card of this incident, with the card as it is drawn."""
    now = world.clock.now()
    key = f"card:{press.incident}"
    parcel = Parcel(
        0, key, "card", press.incident, "card.j2", {}, 0, "", False, CHANNEL, None, None, now, now
    )
    drawn = await world.house.courier.draw(parcel)
    assert drawn is not None
    team, ts = world.town.slack.workspace.team_id, "1795000000.000100"
    return {
        "type": "block_actions",
        "team": {"id": team, "domain": "relink"},
        "user": {"id": SUPPORT, "username": "support", "name": "support", "team_id": team},
        "api_app_id": "A0RELINK",
        "enterprise": None,
        "is_enterprise_install": False,
        "trigger_id": "1.2.abc",
        "container": {"type": "message", "message_ts": ts, "channel_id": CHANNEL, "is_ephemeral": False},
        "channel": {"id": CHANNEL, "name": "charger-alerts"},
        "state": {"values": {}},
        "message": {"type": "message", "ts": ts, "text": drawn.message.text, "blocks": drawn.message.blocks},
        "response_url": f"{world.house.deps.settings.slack_api_url}respond",
    }


def _body(payload: dict[str, Any], press: Press) -> bytes:
    """The form of a click; only the pressed button's own value differs from card to card."""
    action = {
        "type": "button",
        "action_id": f"press:{press.choice}",
        "block_id": "actions",
        "value": press.encode(),
        "text": {"type": "plain_text", "text": "Restart station"},
        "action_ts": "1795000000.000200",
    }
    return urlencode({"payload": json.dumps({**payload, "actions": [action]})}).encode()


def _check(answers: Sequence[Answer]) -> None:
    strange = {(answer.status, answer.body) for answer in answers} - {(200, b"")}
    assert not strange, f"clicks were answered with {strange}"


def _moves(session: Session) -> int:
    """How many clicks became a move by the person who clicked."""
    query = select(func.count()).where(Move.choice == CHOICE, Move.actor == SUPPORT)
    return session.execute(query).scalar_one()
