"""The import rule of ARCHITECTURE, read from the code: who may know whom."""

import ast
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OURS = ("app", "bot", "db", "handlers")
EVERYONES = frozenset({"bot.errors", "bot.clock", "bot.portal.contract"})

MAY: Mapping[str, frozenset[str]] = {
    # pure: the procedure and its rules
    "bot.runbook": frozenset(),
    "db": frozenset(),
    "bot.people": frozenset({"bot.runbook"}),
    "bot.portal": frozenset(),
    "bot.knowledge": frozenset({"bot.runbook", "db"}),
    "bot.schedule": frozenset(),
    # pure: counting, by the causes of the reports
    "bot.likely": frozenset({"bot.reports.causes"}),
    "bot.incidents": frozenset(
        {
            "bot.runbook",
            "bot.knowledge",
            "bot.likely",
            "bot.people",
            "bot.messages.outbox",
            "bot.schedule",
            "db",
        }
    ),
    "bot.reports": frozenset({"bot.runbook", "bot.likely", "bot.messages.text", "bot.schedule", "db"}),
    "bot.messages": frozenset(
        {
            "bot.runbook",
            "bot.knowledge",
            "bot.likely",
            "bot.people",
            "bot.portal",
            "bot.metrics",
            "bot.schedule",
            "db",
        }
    ),
    # settings, supplies and what drives them
    "bot.shapes": frozenset({"bot.schedule"}),
    "bot.config": frozenset({"bot.shapes", "bot.schedule"}),
    "bot.log": frozenset(),
    "bot.memory": frozenset(),
    "bot.echoes": frozenset(),
    "bot.metrics": frozenset({"bot.echoes"}),
    "bot.stopping": frozenset(),
    "bot.tasks": frozenset(),
    "bot.ticker": frozenset(),
    "bot.deps": frozenset(
        {
            "bot.config",
            "bot.incidents.rules",
            "bot.messages.render",
            "bot.metrics",
            "bot.people",
            "bot.runbook",
            "bot.tasks",
            "db.writer",
        }
    ),
    "bot.looks": frozenset({"bot.deps", "bot.incidents"}),
    # pure: what Relink notices of itself
    "bot.vitals": frozenset(),
    "bot.life": frozenset({"bot.deps", "bot.reports", "db"}),
    "bot.watch": frozenset({"bot.deps", "bot.life", "bot.messages", "bot.reports", "bot.vitals", "db"}),
    "bot.cards": frozenset({"bot.deps", "bot.messages", "bot.runbook", "db"}),
    "bot.mornings": frozenset(
        {"bot.cards", "bot.deps", "bot.incidents", "bot.messages", "bot.reports", "bot.schedule", "db"}
    ),
    "bot.naming": frozenset({"bot.deps", "bot.incidents"}),
    "bot.exports": frozenset(
        {"bot.config", "bot.deps", "bot.messages", "bot.people", "bot.reports", "bot.runbook", "db"}
    ),
    "handlers": frozenset(
        {
            "bot.config",
            "bot.deps",
            "bot.incidents",
            "bot.reports",
            "bot.runbook",
            "bot.cards",
            "bot.mornings",
            "bot.exports",
            "bot.messages.forms",
            "bot.messages.replies",
            "bot.messages.home",
            "bot.metrics",
            "bot.echoes",
            "bot.naming",
            "bot.people",
            "bot.shapes",
            "bot.tasks",
        }
    ),
    # the demo lives beside the bot and may use what it shows
    "bot.demo": frozenset({"bot.config", "bot.messages.limits", "bot.tasks"}),
    # its history is written as rows, as years of service would have left them
    "bot.demo.history": frozenset({"bot.demo", "bot.likely", "db"}),
}
"""What each room may import beside itself and what is everyone's. `app` builds the house and may import all."""

LIBRARIES: Mapping[str, tuple[str, ...]] = {
    "slack_sdk": ("app", "handlers", "bot.messages", "bot.deps", "bot.demo"),
    "slack_bolt": ("app", "handlers", "bot.demo"),
    "httpx": ("bot.portal",),
    "sqlalchemy": (
        "db",
        "bot.incidents",
        "bot.reports",
        "bot.messages",
        "bot.knowledge",
        "bot.config",
        "bot.shapes",
        "bot.demo.history",
    ),
    "apscheduler": ("bot.ticker",),
    "jinja2": ("bot.messages", "bot.demo"),
    "alembic": ("db",),
    "matplotlib": ("bot.reports",),
}
"""Which rooms may know a library."""


def module_of(path: Path) -> str:
    """The dotted name of a file."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


FILES = {
    module_of(path): path
    for top in OURS
    for path in ([ROOT / "app.py"] if top == "app" else sorted((ROOT / top).rglob("*.py")))
    if "versions" not in path.parts
}


@cache
def tree(module: str) -> ast.Module:
    """The module as it is written; read once for all questions."""
    return ast.parse(FILES[module].read_text(encoding="utf-8"))


@cache
def imported(module: str) -> frozenset[str]:
    """Every dotted name the module imports, `from a import b` as `a.b` where that is a module."""
    return frozenset(_imported(module))


def _imported(module: str) -> Iterator[str]:
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: write imports in full"
            parent = node.module or ""
            for alias in node.names:
                whole = f"{parent}.{alias.name}"
                yield whole if whole in FILES else parent


def within(module: str, rooms: Iterator[str] | frozenset[str] | tuple[str, ...]) -> bool:
    """Is the module one of these rooms, or in one?"""
    return any(module == room or module.startswith(f"{room}.") for room in rooms)


def room_of(module: str) -> str:
    """The room a module belongs to: the longest name in the table that covers it."""
    return max((room for room in MAY if within(module, (room,))), key=len, default="")


@pytest.mark.parametrize("module", sorted(FILES))
def test_every_module_imports_only_what_its_room_may(module: str) -> None:
    if module in {"app", "bot", "bot.errors", "bot.clock"}:
        return
    room = room_of(module)
    assert room, f"{module} is in no room: add it to the table and to ARCHITECTURE"

    ours = {name for name in imported(module) if name.partition(".")[0] in OURS}

    foreign = {
        name
        for name in ours
        if not within(name, (room,)) and name not in EVERYONES and not within(name, MAY[room])
    }
    assert foreign == set()


@pytest.mark.parametrize("module", ["bot.errors", "bot.clock", "bot.portal.contract"])
def test_what_everyone_may_import_imports_nothing_of_ours(module: str) -> None:
    assert [name for name in imported(module) if name.partition(".")[0] in OURS] == []


def test_the_procedure_needs_the_standard_library_only() -> None:
    used = {
        name.partition(".")[0]
        for module in FILES
        if within(module, ("bot.runbook",))
        for name in imported(module)
    }

    assert used - {"bot"} <= sys.stdlib_module_names


@pytest.mark.parametrize("library", sorted(LIBRARIES))
def test_a_library_is_known_only_where_it_belongs(library: str) -> None:
    users = {module for module in FILES for name in imported(module) if within(name, (library,))}

    assert {module for module in users if not within(module, LIBRARIES[library])} == set()
    assert users, f"nobody uses {library}: take it out of the table"


def test_nothing_but_app_knows_the_demo() -> None:
    users = {
        module
        for module in FILES
        if not within(module, ("bot.demo",))
        for name in imported(module)
        if within(name, ("bot.demo",))
    }

    assert users == {"app"}


def test_app_loads_the_demo_only_when_it_is_asked_for() -> None:
    at_the_top = [node.module for node in tree("app").body if isinstance(node, ast.ImportFrom)]

    assert not any(name and name.startswith("bot.demo") for name in at_the_top)


@pytest.mark.parametrize("library", ["matplotlib", "alembic"])
def test_a_large_library_is_loaded_only_where_it_is_used(library: str) -> None:
    loaders = {
        module
        for module in FILES
        for node in tree(module).body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in [getattr(node, "module", None), *(alias.name for alias in node.names)]
        if (name or "").partition(".")[0] == library and not within(module, ("db.migrations",))
    }

    assert loaders == set(), "import it in the function that needs it"


def test_handlers_never_see_the_database() -> None:
    users = {
        module
        for module in FILES
        if within(module, ("handlers",))
        for name in imported(module)
        if within(name, ("db",))
    }

    assert users == set()


def test_every_room_of_the_table_still_exists() -> None:
    rooms = {room for room in MAY if not any(within(module, (room,)) for module in FILES)}

    assert rooms == set()
