"""Slack's limits in one table: numbers only, nothing of ours.

Counted in characters unless a line says otherwise. Source: Slack's Block Kit, method and rate-limit
references as of November 2026; a line marked `observed` is not documented and was seen in the field. The
builders stay below these numbers, the demo's Slack refuses what is above them, and both read them here.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

# Messages (chat.postMessage, chat.update, response URLs)
MESSAGE_BLOCKS: Final = 50
MESSAGE_TEXT_AIM: Final = 4_000  # Slack asks for no more
MESSAGE_TEXT_CUT: Final = 40_000  # chat.postMessage cuts what is longer, silently
UPDATE_TEXT: Final = 4_000  # chat.update refuses what is longer: msg_too_long
ALL_BLOCKS_TEXT: Final = 13_200  # observed: more gives msg_blocks_too_long
ATTACHMENTS: Final = 100

# Blocks
BLOCK_ID: Final = 255
SECTION_TEXT: Final = 3_000
SECTION_FIELDS: Final = 10
SECTION_FIELD: Final = 2_000
HEADER_TEXT: Final = 150
CONTEXT_ELEMENTS: Final = 10
ACTIONS_ELEMENTS: Final = 25
IMAGE_ALT: Final = 2_000
IMAGE_URL: Final = 3_000
IMAGE_TITLE: Final = 2_000
FILE_ALT: Final = 1_000
INPUT_LABEL: Final = 2_000
INPUT_HINT: Final = 2_000
TEXT_OBJECT: Final = 3_000  # any text object that has no smaller limit of its own

# Elements
ACTION_ID: Final = 255
BUTTON_TEXT: Final = 75
BUTTON_TEXT_SHOWN: Final = 30  # observed: clients clip a longer label
BUTTON_VALUE: Final = 2_000
BUTTON_URL: Final = 3_000
ACCESSIBILITY_LABEL: Final = 75
PLACEHOLDER: Final = 150
SELECT_OPTIONS: Final = 100
OPTION_GROUPS: Final = 100
OPTION_GROUP_LABEL: Final = 75
OPTION_TEXT: Final = 75
OPTION_VALUE: Final = 150
OPTION_DESCRIPTION: Final = 75
OPTION_URL: Final = 3_000
OVERFLOW_OPTIONS_MIN: Final = 2
OVERFLOW_OPTIONS: Final = 5
CHOICE_OPTIONS: Final = 10  # radio buttons and checkboxes
INPUT_TEXT: Final = 3_000  # plain_text_input: what may be typed, and its initial value

# Confirm dialogs
CONFIRM_TITLE: Final = 100
CONFIRM_TEXT: Final = 300
CONFIRM_BUTTON: Final = 30

# Views (modals and Home)
VIEW_BLOCKS: Final = 100
VIEW_TITLE: Final = 24
VIEW_SUBMIT: Final = 24
VIEW_CLOSE: Final = 24
VIEW_CALLBACK_ID: Final = 255
VIEW_EXTERNAL_ID: Final = 255
VIEW_PRIVATE_METADATA: Final = 3_000
VIEW_BYTES: Final = 250_000
VIEW_STACK: Final = 3  # views of one modal, one above the other

# Interactions
ANSWER_SECONDS: Final = 3.0  # every delivery wants its 200 within this time
TRIGGER_SECONDS: Final = 3.0  # a trigger id opens one view, once
RESPONSE_URL_USES: Final = 5
RESPONSE_URL_SECONDS: Final = 30 * 60.0
SIGNATURE_SECONDS: Final = 300.0  # how far a request's timestamp may be off, either way
EVENT_RETRIES: Final = 3

# Pace. Calls a minute of one method over the whole workspace, by Slack's tiers.
POSTS_PER_SECOND: Final = 1.0  # in one channel
POST_BURST: Final = 3  # observed: "short bursts" are let through
TIER_PER_MINUTE: Final[Mapping[int, int]] = MappingProxyType({1: 1, 2: 20, 3: 50, 4: 100})
METHOD_TIERS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "chat.update": 3,
        "chat.delete": 3,
        "chat.postEphemeral": 4,
        "conversations.info": 3,
        "conversations.history": 3,
        "conversations.replies": 3,
        "conversations.open": 3,
        "conversations.members": 4,
        "users.info": 4,
        "users.list": 2,
        "usergroups.list": 2,
        "usergroups.users.list": 2,
        "files.getUploadURLExternal": 4,
        "files.completeUploadExternal": 4,
        "views.open": 4,
        "views.update": 4,
        "views.push": 4,
        "views.publish": 4,
    }
)
# Not in a tier: chat.postMessage (see above), auth.test and chat.getPermalink ("hundreds a minute").
SPECIAL_PER_MINUTE: Final = 300
