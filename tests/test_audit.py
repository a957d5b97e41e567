"""The audit of the dependencies: what is found fails, and where nobody can be asked one line says so."""

import json
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
LOCK = "aiohttp==1.0 \\\n    --hash=sha256:aa\n    # via relink\nyarl==1.0 \\\n    --hash=sha256:bb\n"
SKIPPED = "audit skipped: no service for known vulnerabilities can be reached from here\n"
WELL = {"name": "aiohttp", "version": "1.0", "vulns": []}
BAD = {"name": "yarl", "version": "1.0", "vulns": [{"id": "CVE-2026-1"}]}
UNKNOWN = {"name": "aiohttp", "skip_reason": "not found"}


@pytest.fixture
def audit(tmp_path: Path) -> Callable[..., int]:
    """Runs the audit with a program in the place of pip-audit that does this."""
    lock = tmp_path / "lock.txt"
    lock.write_text(LOCK, encoding="utf-8")

    def run(does: str, seconds: float = 10) -> int:
        program = tmp_path / "program"
        program.write_text(f"#!/bin/sh\necho $2 >> {tmp_path}/asked\n{does}\n", encoding="utf-8")
        program.chmod(0o755)
        module: dict[str, Any] = runpy.run_path(str(ROOT / ".ci" / "audit.py"))
        module["asked"].__globals__["SECONDS"] = seconds
        code: int = module["audit"](str(program), lock)
        return code

    return run


def says(*packages: dict[str, Any], code: int = 0) -> str:
    """A shell's words for such an answer."""
    return f"echo '{json.dumps({'dependencies': packages})}'; exit {code}"


def test_what_is_known_to_be_vulnerable_fails_and_is_named(
    audit: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit(says(WELL, BAD, UNKNOWN, code=1)) == 1
    told = "yarl 1.0: CVE-2026-1\naudit: 1 of 2 packages vulnerable, 1 not known\n"
    assert capsys.readouterr().out == told


def test_nothing_known_passes_after_one_sample(
    audit: Callable[..., int], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert audit(says(WELL)) == 0
    assert capsys.readouterr().out == "audit: 0 of 1 packages vulnerable, 0 not known\n"
    asked = [Path(line).name for line in (tmp_path / "asked").read_text(encoding="utf-8").split()]
    assert asked == ["sample.txt", "lock.txt"]


@pytest.mark.parametrize(
    "does",
    ["echo no route >&2; exit 1", says(UNKNOWN), "exec sleep 100"],
    ids=["away", "unknowing", "silent"],
)
def test_where_nobody_can_be_asked_one_line_says_so_and_the_lock_file_is_not_sent(
    audit: Callable[..., int], capsys: pytest.CaptureFixture[str], tmp_path: Path, does: str
) -> None:
    assert audit(does, seconds=0.3 if "sleep" in does else 10) == 0
    assert capsys.readouterr().out == SKIPPED
    assert "lock.txt" not in (tmp_path / "asked").read_text(encoding="utf-8")
