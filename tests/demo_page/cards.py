"""Blocks for the page's tests: one of every kind that it shows."""

from typing import Any

Json = dict[str, Any]


def words(text: str) -> Json:
    """A plain_text object."""
    return {"type": "plain_text", "text": text}


def marked(text: str) -> Json:
    """A mrkdwn object."""
    return {"type": "mrkdwn", "text": text}


def option(label: str, value: str, **more: object) -> Json:
    """An entry of a menu."""
    return {"text": words(label), "value": value, **more}


def section(text: str, **more: object) -> Json:
    """A section of mrkdwn."""
    return {"type": "section", "block_id": f"s-{text[:12]}", "text": marked(text), **more}


def button(label: str, action_id: str, **more: object) -> Json:
    """A button whose value is its action id in capitals."""
    return {
        "type": "button",
        "action_id": action_id,
        "text": words(label),
        "value": action_id.upper(),
        **more,
    }


def field(block_id: str, label: str, kind: str, *, optional: bool = False, **element: object) -> Json:
    """An input block whose element has the action id `v`."""
    return {
        "type": "input",
        "block_id": block_id,
        "label": words(label),
        "optional": optional,
        "element": {"type": kind, "action_id": "v", **element},
    }


def modal(*blocks: Json, view_id: str = "V1") -> Json:
    """An open form."""
    titles = {"title": words("Test session"), "submit": words("Save"), "close": words("Not now")}
    return {"id": view_id, "type": "modal", **titles, "blocks": list(blocks)}


CONFIRM = {
    "title": words("Restart CT4G-20117?"),
    "text": words("Ends any charging session."),
    "confirm": words("Restart"),
    "deny": words("Keep running"),
}

ACTIONS: Json = {
    "type": "actions",
    "block_id": "acts",
    "elements": [
        button("Restart station", "restart", style="primary", confirm=CONFIRM),
        button("Take", "take"),
        button("Not zero", "doubt", style="danger"),
        {
            "type": "overflow",
            "action_id": "more",
            "options": [option("Add note", "note"), option("Hand over", "over")],
        },
        {
            "type": "static_select",
            "action_id": "reason",
            "placeholder": words("Why?"),
            "options": [option("Asleep", "a"), option("Away", "b")],
        },
        {
            "type": "datepicker",
            "action_id": "day",
            "initial_date": "2026-11-25",
            "placeholder": words("Day of the visit"),
        },
    ],
}

RICH: Json = {
    "type": "rich_text",
    "block_id": "rich",
    "elements": [
        {
            "type": "rich_text_section",
            "elements": [
                {"type": "text", "text": "Bold <b>", "style": {"bold": True}},
                {"type": "text", "text": "Typed", "style": {"code": True}},
                {"type": "user", "user_id": "U3"},
                {"type": "usergroup", "usergroup_id": "S1"},
                {"type": "link", "url": "https://portal.example/x", "text": "Portal"},
                {"type": "date", "timestamp": 1795507800, "format": "{time}", "fallback": "soon"},
                {"type": "emoji", "name": "zap", "unicode": "26a1"},
            ],
        },
        {
            "type": "rich_text_list",
            "style": "ordered",
            "elements": [
                {"type": "rich_text_section", "elements": [{"type": "text", "text": "online 10:02"}]}
            ],
        },
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "840 ms"}]},
        {"type": "rich_text_quote", "elements": [{"type": "text", "text": "It was off."}]},
    ],
}

EVERY_BLOCK: list[Json] = [
    {"type": "header", "block_id": "h", "text": words("Repair log & proof")},
    section(
        "*CT4G-20117* at <!date^1795507800^{time} ({ago})|03:10>", fields=[marked("*Fix*"), words("none <i>")]
    ),
    {"type": "divider", "block_id": "d"},
    RICH,
    {"type": "image", "block_id": "i", "image_url": "/static/icon.svg", "alt_text": "Chart of 14 days"},
    ACTIONS,
    {"type": "context", "block_id": "c", "elements": [marked("portal, 20 s old"), words("I-2026-0117")]},
    {"type": "carousel", "block_id": "x"},
]
