"""The README keeps its word."""

import re
from pathlib import Path

from app import TEMPLATES, read_runbook
from bot.config import Timings
from bot.messages.render import Renderer
from bot.runbook.chart import markdown

ROOT = Path(__file__).parent.parent


def test_the_readme_shows_the_procedure_as_it_is() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.search(r"<!-- chart -->\n(.*?)<!-- /chart -->", readme, re.DOTALL)
    assert shown is not None
    assert shown[1] == markdown(read_runbook(Timings(), Renderer(TEMPLATES)))


def test_every_time_of_ours_is_listed_with_its_default() -> None:
    operating = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `([a-z_]+)` \|", operating, re.MULTILINE))
    assert listed == set(Timings.model_fields)


def test_every_file_the_documents_point_to_is_there() -> None:
    for name in ("README.md", "CONTRIBUTING.md", "docs/operating.md", "docs/export.md"):
        page = ROOT / name
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{name} points to {target}"
