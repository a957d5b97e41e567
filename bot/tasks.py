"""Work that outlives the request that began it, kept in sight until it is done."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

log = structlog.get_logger(__name__)


class Tasks:
    """Tracked tasks: nobody forgets a reference, a failure is logged, shutdown waits for them."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def spawn(self, work: Coroutine[Any, Any, Any], then: Callable[[], None] | None = None) -> None:
        """Start `work` now; `then` is called when it has ended, however it did."""
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._ended)
        if then is not None:
            task.add_done_callback(lambda _task: then())

    async def drain(self, within: float = 5.0) -> None:
        """Wait until all are done, at most `within` seconds; what still runs then is cancelled."""
        while self._running:
            _, late = await asyncio.wait(self._running, timeout=within)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("task.failed", exc_info=error)
