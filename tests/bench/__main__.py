"""`make bench`: measures, prints a table, writes bench.json.

Speeds are ratios against a bare limit that is measured in the same rounds, because machines and their mood differ.
"""

import asyncio
import json
import platform
import sys
import tempfile
from pathlib import Path

from tests.bench import alerts, clicks, mornings, serving
from tests.bench.report import Line, table
from tests.bench.volley import Client

ROUNDS = 5
CLICKS = 300
ALERTS = 300
STATIONS = 12
INCIDENTS = 1_000_000
RESULT = Path("bench.json")


async def measure_all(folder: Path, client: Client) -> list[Line]:
    """Every benchmark, one after the other."""
    folders = [folder / name for name in ("clicks", "alerts", "serving", "mornings")]
    for each in folders:
        each.mkdir()
    return [
        *await clicks.measure(folders[0], client, ROUNDS, CLICKS),
        *await alerts.measure(folders[1], client, ROUNDS, ALERTS),
        *await serving.measure(folders[2], client, STATIONS),
        *mornings.measure(folders[3], INCIDENTS),
    ]


def main() -> int:
    """Returns 1 if a figure is out of its bound."""
    with tempfile.TemporaryDirectory(prefix="relink-bench-") as folder, Client() as client:
        lines = asyncio.run(measure_all(Path(folder), client))
    sys.stdout.write(table(lines) + "\n")
    machine = f"{platform.machine()}, Python {platform.python_version()}"
    RESULT.write_text(json.dumps({"machine": machine, "lines": [line.as_json for line in lines]}, indent=1))
    return 0 if all(line.reached for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
