"""What a measurement found, in figures that can be compared and printed."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table. `bound` is what `found` is held against: at least it, or at most it."""

    name: str
    found: float
    unit: str
    at_least: float | None = None
    at_most: float | None = None
    details: Mapping[str, float | Sequence[float]] = field(default_factory=dict)

    @property
    def reached(self) -> bool:
        """Is the figure within its bound?"""
        enough = self.at_least is None or self.found >= self.at_least
        return enough and (self.at_most is None or self.found <= self.at_most)

    @property
    def as_json(self) -> dict[str, object]:
        """For `bench.json`."""
        return {**asdict(self), "reached": self.reached}


def ratio_line(
    name: str, ours: Sequence[float], limits: Sequence[float], *, at_least: float, **details: float
) -> Line:
    """The median over the rounds of our rate (calls a second) divided by the limit's rate of the same round."""
    ratios = [one / limit for one, limit in zip(ours, limits, strict=True)]
    return Line(
        name,
        statistics.median(ratios),
        "of the limit",
        at_least=at_least,
        details={
            "ours_per_second": round(statistics.median(ours)),
            "limit_per_second": round(statistics.median(limits)),
            "ratios": [round(ratio, 3) for ratio in ratios],
            **details,
        },
    )


def table(lines: Sequence[Line]) -> str:
    """All lines, one below the other."""
    rows = [("", "found", "wanted", "")] + [_row(line) for line in lines]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return "\n".join(
        f"{name:<{widths[0]}}  {found:>{widths[1]}}  {wanted:<{widths[2]}}  {rest}".rstrip()
        for name, found, wanted, rest in rows
    )


def _row(line: Line) -> tuple[str, str, str, str]:
    wanted = f">= {line.at_least:g}" if line.at_least is not None else ""
    wanted = f"<= {line.at_most:g}" if line.at_most is not None else wanted
    missed = "" if line.reached else "MISSED  "
    details = ", ".join(
        f"{name.replace('_', ' ')} {value:g}"
        for name, value in line.details.items()
        if isinstance(value, int | float)
    )
    return line.name, f"{line.found:.3g} {line.unit}", wanted, missed + details
