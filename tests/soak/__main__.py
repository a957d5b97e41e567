"""`make soak`: Relink is killed with `kill -9` again and again under load; then everything promised is looked for.

On SQLite with signed HTTP and on PostgreSQL with Socket Mode. Every tenth start is a new interpreter that is left
alone until nothing waits any more; those and the last start give the seconds of recovery. Before that, pairs of
people press the same button at once. Exit code 1 if anything was lost, doubled, early or missing in the record.
"""

import argparse
import asyncio
import logging
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from db import migrate
from db.writer import open_database
from tests.db.postgres import Server
from tests.incidents.clashes import clash
from tests.soak.judge import judge
from tests.soak.lives import lives_of
from tests.soak.report import told
from tests.stories.pairs import Pair

KILLS = 200
PAIRS = 1_000
SEED = 20_261_126
STATIONS = 24
COLD_EVERY = 10
SETTLES_IN = 45
DATABASES = {"sqlite": "SQLite, signed HTTP", "postgres": "PostgreSQL, Socket Mode"}


async def soak(name: str, pair: Pair, folder: Path, kills: int, seed: int) -> bool:
    """Kill one Relink so often and tell what became of it; was everything right?"""
    async with lives_of(folder, pair, stations=STATIONS, seed=seed) as lives:
        for number in range(1, kills + 1):
            await (lives.one_starts_cold() if number % COLD_EVERY == 0 else lives.one_dies())
            if number % COLD_EVERY == 0:
                _say(f"{name}: {number} of {kills}, {lives.world.clock.now():%d %b %H:%M} there")
        await lives.recovers()
        await lives.settle(SETTLES_IN)
        verdict = await judge(lives.world, lives.ledger, lives.db)
    _say(told(name, kills, verdict, lives.ledger))
    return not verdict.wrong


async def press_together(name: str, url: str, pairs: int) -> None:
    """So many pairs press the same button of the same card at once. Raises AssertionError unless one of each won."""
    db = open_database(url)
    try:
        won = await clash(db, pairs)
    finally:
        await db.close()
    _say(
        f"{name}: {won.total()} pairs pressed at once; of each one counted and the other was told who was first:"
        f" 0 wrong (below {100 * 3 / pairs:.1f} % at 95 %)"
    )


@contextmanager
def _database(which: str, folder: Path) -> Iterator[Pair]:
    """A new, migrated database and the transport that goes with it."""
    if which == "sqlite":
        pair = Pair(f"sqlite:///{folder / 'relink.db'}", socket_mode=False)
        migrate.upgrade(pair.database_url)
        yield pair
        return
    with tempfile.TemporaryDirectory(prefix="relink-pg-") as of_the_server:
        server = Server(Path(of_the_server))
        try:
            server.command("CREATE DATABASE soak")
            pair = Pair(server.url("soak"), socket_mode=True)
            migrate.upgrade(pair.database_url)
            yield pair
        finally:
            server.stop()


def main() -> int:
    """Returns 1 if anything went wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--kills", type=int, default=KILLS, help="how often, on each database")
    parser.add_argument("--database", choices=(*DATABASES, "both"), default="both")
    parser.add_argument(
        "--seed", type=int, default=SEED, help="fixes what is done, not how fast the machine is"
    )
    asked = parser.parse_args()
    _say(f"seed {asked.seed}")
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)  # requests that were cut by a death
    right = True
    for which in DATABASES if asked.database == "both" else (asked.database,):
        with (
            tempfile.TemporaryDirectory(prefix="relink-soak-") as folder,
            _database(which, Path(folder)) as pair,
        ):
            asyncio.run(press_together(DATABASES[which], pair.database_url, PAIRS))
        with (
            tempfile.TemporaryDirectory(prefix="relink-soak-") as folder,
            _database(which, Path(folder)) as pair,
        ):
            right &= asyncio.run(soak(DATABASES[which], pair, Path(folder), asked.kills, asked.seed))
    return 0 if right else 1


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
