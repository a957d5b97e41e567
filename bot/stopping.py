"""SIGTERM and Ctrl-C: the process is asked to end, and ends what it has begun."""

import asyncio
import signal


def stop_signals() -> asyncio.Event:
    """An event that SIGTERM and Ctrl-C set from now on."""
    asked = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, asked.set)
    return asked


async def asked_to_stop() -> None:
    """Wait for SIGTERM or Ctrl-C."""
    await stop_signals().wait()
