"""Messages and forms the tests of the double post and open."""

from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

Body = dict[str, Any]


def plain(text: str) -> Body:
    return {"type": "plain_text", "text": text}


SURE = {
    "title": plain("Restart?"),
    "text": plain("Ends any session."),
    "confirm": plain("Restart"),
    "deny": plain("Keep running"),
}
ENTRIES = [{"text": plain("Add note"), "value": "note"}, {"text": plain("Hand over"), "value": "hand"}]


def card() -> list[Body]:
    """The buttons of a card: Restart station (asks first), Take, and a menu."""
    return [
        {
            "type": "actions",
            "block_id": "choices-1",
            "elements": [
                {
                    "type": "button",
                    "text": plain("Restart station"),
                    "action_id": "restart",
                    "value": "I-1.1",
                    "style": "danger",
                    "confirm": SURE,
                },
                {"type": "button", "text": plain("Take"), "action_id": "take", "value": "I-1.1"},
                {"type": "overflow", "action_id": "more", "options": ENTRIES},
            ],
        }
    ]


async def posted(client: AsyncWebClient, channel: str = "C1", **more: Any) -> str:
    answer = await client.chat_postMessage(channel=channel, text="A card", blocks=card(), **more)
    return str(answer["ts"])


def field(element: Body, block_id: str = "f", **more: Any) -> Body:
    return {"type": "input", "block_id": block_id, "label": plain("Volts"), "element": element, **more}


TYPED = {"type": "plain_text_input", "action_id": "a"}


def modal(*blocks: Body, **more: Any) -> Body:
    return {
        "type": "modal",
        "title": plain("Readings"),
        "submit": plain("Send"),
        "blocks": list(blocks) or [field(TYPED)],
        **more,
    }


def home(*blocks: Body, **more: Any) -> Body:
    return {"type": "home", "blocks": list(blocks), **more}


NOTE = {"note": {"t": "words"}}


def note(**more: Any) -> Body:
    return modal(field({"type": "plain_text_input", "action_id": "t"}, "note"), callback_id="note", **more)
