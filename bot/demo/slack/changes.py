"""Tells live pages that something is different now."""

import asyncio
from collections.abc import Callable


class Changes:
    """A number that grows with every change, to be waited on."""

    def __init__(self) -> None:
        self.seq = 0
        self.closed = False
        self._waiting: set[asyncio.Future[None]] = set()
        self._watchers: list[Callable[[int], None]] = []

    def note(self) -> None:
        """Something changed: call the watchers, wake whoever waits."""
        self.seq += 1
        for watch in self._watchers:
            watch(self.seq)
        self._wake()

    def on_change(self, watch: Callable[[int], None]) -> None:
        """Call `watch(seq)` after every change."""
        self._watchers.append(watch)

    async def changed(self, after_seq: int) -> int:
        """Wait until there is a change after `after_seq` (or the server closes); gives the newest number."""
        while self.seq <= after_seq and not self.closed:
            waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.add(waiting)
            try:
                await waiting
            finally:
                self._waiting.discard(waiting)
        return self.seq

    def close(self) -> None:
        """Let everybody go who still waits."""
        self.closed = True
        self._wake()

    def _wake(self) -> None:
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)
