"""The sentences that may stand nowhere before both gates are open, taken from the template itself."""

import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

TEMPLATES = Path(__file__).parents[1] / "templates"
GATED = "visit/cabinet.j2"
SHORTEST = 15
"""Shorter bits ("now: SIM") are no sentences."""

_BRIEF = re.compile(r"\{% block brief %\}.*?\{% endblock %\}")
"""What the phone shows when the card comes: it says that there is a card, and no step."""
_TAGS = re.compile(r"\{[%{#].*?[%}#]\}")


@cache
def cabinet_sentences() -> frozenset[str]:
    """Every line of the gated template that stands in no other one."""
    others = [path for path in TEMPLATES.rglob("*.j2") if path != TEMPLATES / GATED]
    elsewhere = {line for path in others for line in _lines(path)}
    mine = frozenset(_lines(TEMPLATES / GATED)) - elsewhere
    assert "Tarnished: isopropyl alcohol, lint-free cloth." in mine
    assert "SMA connectors finger-loose: 0.56 Nm." in mine
    return mine


def leaked(parts: Iterable[Any]) -> list[str]:
    """The gated sentences in these texts, blocks or payloads."""
    texts = (
        part if isinstance(part, str) else json.dumps(part, default=str, ensure_ascii=False) for part in parts
    )
    heard = "\n".join(texts)
    heard = heard.replace("\\n", "\n").replace('\\"', '"').replace("&amp;", "&")
    return sorted(sentence for sentence in cabinet_sentences() if sentence in heard)


def _lines(path: Path) -> list[str]:
    bits = [bit for line in _BRIEF.sub("", path.read_text()).splitlines() for bit in _TAGS.split(line)]
    return [bit for bit in (bit.strip("* ") for bit in bits) if len(bit) >= SHORTEST]
