"""What Slack accepts as an element: buttons, menus, pickers, inputs, and where each may stand."""

from collections.abc import Callable, Mapping

from bot.demo.slack.shapes import (
    Check,
    also,
    flag,
    list_of,
    one_of,
    plain,
    shape,
    string,
    tagged,
    text,
    whole,
)
from bot.demo.slack.workspace import Json
from bot.messages import limits

CONFIRM = shape(
    {
        "title": plain(limits.CONFIRM_TITLE),
        "text": text(limits.CONFIRM_TEXT),
        "confirm": plain(limits.CONFIRM_BUTTON),
        "deny": plain(limits.CONFIRM_BUTTON),
    },
    {"style": one_of("primary", "danger")},
)
_ID: Mapping[str, Check] = {"action_id": string(limits.ACTION_ID)}
_ASKS: Mapping[str, Check] = {**_ID, "confirm": CONFIRM}
_FOCUS: Mapping[str, Check] = {"focus_on_load": flag}
_HINT: Mapping[str, Check] = {"placeholder": plain(limits.PLACEHOLDER)}
_DISPATCH: Mapping[str, Check] = {
    "dispatch_action_config": shape(
        {}, {"trigger_actions_on": list_of(one_of("on_enter_pressed", "on_character_entered"), 2)}
    )
}
_DATE = r"\d{4}-\d{2}-\d{2}"
_TIME = r"\d{2}:\d{2}"
_NUMBER = r"-?\d+(\.\d+)?"


def _option(*kinds: str) -> Check:
    """An option of a menu; `kinds` are the text objects its label may be."""
    return shape(
        {"text": text(limits.OPTION_TEXT, *kinds), "value": string(limits.OPTION_VALUE)},
        {"description": text(limits.OPTION_DESCRIPTION, *kinds)},
    )


_MENU_OPTION = _option("plain_text")
_OVERFLOW_OPTION = shape(
    {"text": plain(limits.OPTION_TEXT), "value": string(limits.OPTION_VALUE)},
    {"description": plain(limits.OPTION_DESCRIPTION), "url": string(limits.OPTION_URL)},
)


def _options_of(element: Json) -> list[Json]:
    groups = element.get("option_groups", [])
    return [*element.get("options", []), *(option for group in groups for option in group["options"])]


def initial_is_offered(element: Json) -> str | None:
    """What is selected at the start must be one of the options, whole."""
    chosen = (
        [element["initial_option"]] if "initial_option" in element else element.get("initial_options", [])
    )
    offered = _options_of(element)
    return None if all(option in offered for option in chosen) else "initial option is not among the options"


def options_or_groups(element: Json) -> str | None:
    """A static menu has either options or groups of options."""
    if ("options" in element) == ("option_groups" in element):
        return "must define either `options` or `option_groups`"
    return None


def lengths_in_order(element: Json) -> str | None:
    """The least and the greatest length of a typed text."""
    least, most = element.get("min_length", 0), element.get("max_length", limits.INPUT_TEXT)
    return None if least <= most <= limits.INPUT_TEXT else "min_length and max_length do not fit"


_GROUP = shape(
    {"label": plain(limits.OPTION_GROUP_LABEL), "options": list_of(_MENU_OPTION, limits.SELECT_OPTIONS)}, {}
)


def _menu(initial: Mapping[str, Check], *rules: Callable[[Json], str | None]) -> Check:
    """A static menu; `initial` is the field for what is selected at the start."""
    return also(
        shape(
            {},
            {
                **_ASKS,
                **_FOCUS,
                **_HINT,
                **initial,
                "options": list_of(_MENU_OPTION, limits.SELECT_OPTIONS),
                "option_groups": list_of(_GROUP, limits.OPTION_GROUPS),
            },
        ),
        options_or_groups,
        initial_is_offered,
        *rules,
    )


def _choices(option: Check, initial: Mapping[str, Check]) -> Check:
    """Radio buttons or checkboxes."""
    fields = {**_ASKS, **_FOCUS, **initial}
    return also(shape({"options": list_of(option, limits.CHOICE_OPTIONS)}, fields), initial_is_offered)


_RICH_OPTION = _option("plain_text", "mrkdwn")
_USER = string(50)
_SELECTED = list_of(_MENU_OPTION, limits.SELECT_OPTIONS)

BUTTON = shape(
    {"text": plain(limits.BUTTON_TEXT)},
    {
        **_ASKS,
        "value": string(limits.BUTTON_VALUE),
        "url": string(limits.BUTTON_URL),
        "style": one_of("primary", "danger"),
        "accessibility_label": string(limits.ACCESSIBILITY_LABEL),
    },
)
OVERFLOW = shape(
    {"options": list_of(_OVERFLOW_OPTION, limits.OVERFLOW_OPTIONS, limits.OVERFLOW_OPTIONS_MIN)}, {**_ASKS}
)
IMAGE_ELEMENT = shape(
    {"image_url": string(limits.IMAGE_URL, pattern=r"https?://\S+"), "alt_text": string(limits.IMAGE_ALT)}, {}
)
MENUS: Mapping[str, Check] = {
    "static_select": _menu({"initial_option": _MENU_OPTION}),
    "multi_static_select": _menu({"initial_options": _SELECTED, "max_selected_items": whole}),
    "users_select": shape({}, {**_ASKS, **_FOCUS, **_HINT, "initial_user": _USER}),
    "multi_users_select": shape(
        {},
        {**_ASKS, **_FOCUS, **_HINT, "initial_users": list_of(_USER, 100), "max_selected_items": whole},
    ),
    "radio_buttons": _choices(_RICH_OPTION, {"initial_option": _RICH_OPTION}),
    "checkboxes": _choices(_RICH_OPTION, {"initial_options": list_of(_RICH_OPTION, limits.CHOICE_OPTIONS)}),
    "datepicker": shape({}, {**_ASKS, **_FOCUS, **_HINT, "initial_date": string(10, pattern=_DATE)}),
    "timepicker": shape(
        {}, {**_ASKS, **_FOCUS, **_HINT, "initial_time": string(5, pattern=_TIME), "timezone": string(50)}
    ),
    "datetimepicker": shape({}, {**_ASKS, **_FOCUS, "initial_date_time": whole}),
}
_TYPED: Mapping[str, Check] = {
    "plain_text_input": also(
        shape(
            {},
            {
                **_ID,
                **_FOCUS,
                **_HINT,
                **_DISPATCH,
                "initial_value": string(limits.INPUT_TEXT, minimum=0),
                "multiline": flag,
                "min_length": whole,
                "max_length": whole,
            },
        ),
        lengths_in_order,
    ),
    "number_input": shape(
        {"is_decimal_allowed": flag},
        {
            **_ID,
            **_FOCUS,
            **_HINT,
            **_DISPATCH,
            **dict.fromkeys(("initial_value", "min_value", "max_value"), string(50, pattern=_NUMBER)),
        },
    ),
}

IN_ACTIONS = tagged({"button": BUTTON, "overflow": OVERFLOW, **MENUS})
AS_ACCESSORY = tagged({"button": BUTTON, "overflow": OVERFLOW, "image": IMAGE_ELEMENT, **MENUS})
IN_INPUT = tagged({**MENUS, **_TYPED})
