"""The bot as a process of its own, for the stories that kill it.

    python -m tests.stories.child FOLDER

Settings come from the environment. Its clocks run with the machine's, as many seconds ahead as
FOLDER/ahead.json says at that moment (`procedure` and `machine`): a story moves time, and nobody sleeps.
"""

import asyncio
import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app import build
from bot import log as logs
from bot.config import load_settings
from bot.messages.pace import Beat, Paces
from bot.stopping import asked_to_stop
from handlers.web import start


@dataclass(frozen=True)
class ClockInAFile:
    """The machine's clock, ahead by what stands under `name` in the file."""

    file: Path
    name: str

    def now(self) -> datetime:
        """The present moment of this clock, in UTC."""
        ahead = json.loads(self.file.read_text(encoding="utf-8"))[self.name]
        return datetime.now(UTC) + timedelta(seconds=ahead)


async def serve(folder: Path) -> None:
    """Serve until asked to stop; the first line of output is the port."""
    settings, ahead = load_settings(), folder / "ahead.json"
    logs.configure(settings.log_format, settings.secret_values())
    at_once = Paces(Beat(timedelta(0)), Beat(timedelta(0)))
    house = await build(
        settings,
        clock=ClockInAFile(ahead, "procedure"),
        real=ClockInAFile(ahead, "machine"),
        paces=at_once,
    )
    runner, port = await start(house.web, settings.host, 0)
    await house.begin()
    print(port, flush=True)  # noqa: T201 (the story reads it)
    await asked_to_stop()
    await runner.cleanup()
    await house.end()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
