"""What people see in Slack's channel, on their phones, and of the stations."""

from dataclasses import dataclass
from datetime import UTC, datetime

from bot.demo.slack.talk import Message
from bot.demo.stories import ALERT_CHANNEL
from bot.demo.town import Town
from tests.stories.slack_text import clock as shown
from tests.stories.slack_text import labels, plain, words

STATION = "CT4G-20117"
CHANNEL = ALERT_CHANNEL.id


@dataclass(repr=False)
class Seeing:
    """What can be seen in a town."""

    town: Town

    def cards(self) -> list[Message]:
        """Everything in the channel that is no thread line."""
        return [message for message in self.town.slack.messages(CHANNEL) if message.thread_ts is None]

    def card(self, serial: str = STATION) -> Message:
        """The one card of this station."""
        (card,) = (card for card in self.cards() if card.text.startswith(serial))
        return card

    def shown(self, serial: str = STATION) -> str:
        """All words of the card."""
        return words(self.card(serial).blocks)

    def state(self, serial: str = STATION) -> str:
        """The card's second line, which says how things stand."""
        return self.shown(serial).splitlines()[1].strip("*")

    def buttons(self, serial: str = STATION) -> list[str]:
        """The labels of the card's buttons, the menu's entries in brackets."""
        return labels(self.card(serial).blocks)

    def thread(self, serial: str = STATION) -> list[str]:
        """The words of the thread's lines, oldest first."""
        return [words(line.blocks) for line in self.town.slack.thread(CHANNEL, self.card(serial).ts)]

    def broadcasts(self) -> list[str]:
        """The thread lines that the channel shows too."""
        return [words(line.blocks) for line in self.town.slack.messages(CHANNEL) if line.broadcast]

    def rung(self) -> list[tuple[str, str]]:
        """When whose phone rang, in order."""
        return [
            (shown(datetime.fromtimestamp(int(push.ts.partition(".")[0]), UTC)), push.who)
            for push in self.town.slack.pushes()
        ]

    def pushed(self, who: str) -> list[str]:
        """What a phone showed when it rang."""
        return [plain(push.text) for push in self.town.slack.pushes(who)]

    def whispers(self, who: str) -> list[str]:
        """What only this person was told."""
        return [words(each.blocks) or plain(each.text) for each in self.town.slack.ephemerals(who)]

    def restarts(self, serial: str = STATION) -> int:
        """How often the station really restarted."""
        return self.town.portal.restarts(serial)
