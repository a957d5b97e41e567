"""Somebody's Home tab: opened, read, pressed."""

from dataclasses import dataclass
from typing import Any

from bot.demo.slack.view_book import View
from tests.stories.slack_text import words
from tests.world import World


@dataclass(frozen=True)
class AtHome:
    """The Home tab of one person."""

    world: World
    who: str

    async def open(self, tab: str = "home") -> str:
        """Open it; what it says then."""
        await self.world.town.slack.open_home(self.who, tab)
        await self.world.settle()
        return self.shown() if self.view() is not None else ""

    def view(self) -> View | None:
        """What was published."""
        return self.world.town.slack.home(self.who)

    def blocks(self) -> list[dict[str, Any]]:
        """Its blocks; it must have been published."""
        view = self.view()
        assert view is not None, "this Home was never published"
        blocks: list[dict[str, Any]] = view.body["blocks"]
        return blocks

    def shown(self) -> str:
        """All its words, without buttons."""
        without = [
            {name: part for name, part in block.items() if name != "accessory"} for block in self.blocks()
        ]
        return words(without)

    def buttons(self) -> dict[str, dict[str, Any]]:
        """Its buttons by what a screen reader says."""
        rows = [block["accessory"] for block in self.blocks() if "accessory" in block]
        below = [one for block in self.blocks() if block["type"] == "actions" for one in block["elements"]]
        return {one.get("accessibility_label") or one["text"]["text"]: one for one in rows + below}

    async def press(self, label: str) -> None:
        """Press a button of it."""
        view, button = self.view(), self.buttons()[label]
        assert view is not None
        await self.world.town.slack.click_in_view(self.who, view.id, button["action_id"], button["value"])
        await self.world.settle()

    def modal(self) -> str:
        """What the modal in front says."""
        view = self.world.town.slack.open_view(self.who)
        assert view is not None, "nothing is open"
        return words(view.body["blocks"])
