"""The chart under the digest: 14 days of incidents by cause, and the minutes they cost.

matplotlib is imported where it draws, because it is large; its object interface keeps no state between drawings,
so a thread may draw.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from io import BytesIO
from typing import Any, Final

from sqlalchemy.orm import Session

from bot.messages.text import number
from bot.reports.causes import NOT_KNOWN, cause_of
from bot.reports.digest import Morning, zone_name
from bot.schedule import DAY, first_moment
from db import mornings

DAYS: Final = 14
OPEN: Final = "still open"
NAMED_IN_ALT: Final = 6
"""So many causes are read out; Slack takes 1,000 characters."""

COLOURS: Final[Mapping[str, str]] = {
    "modem": "#0072B2",
    "SIM": "#E69F00",
    "antenna": "#009E73",
    "Wi-Fi": "#B8A300",
    "carrier": "#56B4E9",
    "provider": "#CC79A7",
    "coverage": "#8C564B",
    "power": "#D55E00",
    "by itself": "#98A4B3",
    "false alarm": "#CBD2DA",
    NOT_KNOWN: "#5F6672",
    OPEN: "#FFFFFF",
}
"""One colour a cause, the same every morning, told apart by most eyes; bars and legend keep this order."""

PAPER, INK, RULE = "#FAFAFA", "#1D1C1D", "#D0D4DA"
"""The picture brings its own paper, so that it reads alike on Slack's light and dark themes."""
INCHES, DOTS = (5.4, 5.8), 180
"""Small paper and many dots: on a phone, where it is shown 300 pixels wide, the words can still be read."""
IN_A_ROW = 3
"""Causes in one row of the legend."""
THOUSAND, TEN_THOUSAND = 1_000, 10_000


@dataclass(frozen=True, slots=True)
class Fortnight:
    """Incidents by the day they were opened on: for each cause a number a day, and the minutes lost (closed ones)."""

    days: tuple[date, ...]
    counts: Mapping[str, Sequence[int]]
    minutes: Mapping[str, Sequence[int]]
    zone: str


def fortnight(session: Session, morning: Morning) -> Fortnight:
    """The 14 local days up to and with the digest's own."""
    days = [morning.day - (DAYS - 1 - number) * DAY for number in range(DAYS)]
    edges = [first_moment(day, time(0), morning.zone) for day in (*days, morning.day + DAY)]
    counts = {cause: [0] * DAYS for cause in COLOURS}
    seconds = {cause: [0] * DAYS for cause in COLOURS}
    for day, fix, count, lost in mornings.by_day(session, edges):
        cause = OPEN if fix is None else cause_of(fix)
        counts[cause][day] += count
        seconds[cause][day] += lost if fix is not None else 0
    there = [cause for cause in COLOURS if any(counts[cause])]
    return Fortnight(
        tuple(days),
        {cause: counts[cause] for cause in there},
        {cause: [each // 60 for each in seconds[cause]] for cause in there if any(seconds[cause])},
        zone_name(morning.zone),
    )


def alt_text(shown: Fortnight) -> str:
    """What the chart shows, for those who cannot see it."""
    first, last = (f"{day.day} {day:%b}" for day in (shown.days[0], shown.days[-1]))
    if not shown.counts:
        return f"Chart: no incident from {first} to {last}."
    most = max(range(DAYS), key=lambda day: sum(each[day] for each in shown.counts.values()))
    top = sum(each[most] for each in shown.counts.values())
    return (
        f"Chart of {first} to {last}. Incidents by cause: {_totals(shown.counts)}. "
        f"Most on {shown.days[most]:%A} {shown.days[most].day} {shown.days[most]:%b}: {number(top)}. "
        f"Minutes lost: {_totals(shown.minutes) or 'none so far'}."
    )


def draw(shown: Fortnight) -> bytes:
    """The chart as PNG. Takes part of a second; call it in a thread."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=INCHES, dpi=DOTS, facecolor=PAPER, edgecolor=RULE, linewidth=2)
    FigureCanvasAgg(figure)
    above, below = figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": [3, 2]})
    bars = _stack(above, shown.counts)
    _stack(below, shown.minutes)
    _dress(above, "Incidents opened", shown)
    _dress(below, "Minutes without contact", shown)
    below.set_xticks(range(DAYS), [f"{day:%a}\n{day.day}" for day in shown.days])
    below.set_xlabel(f"days of {shown.zone}", color=INK, fontsize=9.5)
    if bars:
        figure.legend(
            bars.values(),
            [f"{cause} {number(sum(shown.counts[cause]))}" for cause in bars],
            loc="upper center",
            ncols=IN_A_ROW,
            fontsize=9.5,
            columnspacing=1.2,
            handlelength=1.4,
            frameon=False,
            labelcolor=INK,
        )
    rows = -(-len(bars) // IN_A_ROW)
    figure.subplots_adjust(left=0.1, right=0.98, top=0.95 - 0.042 * rows, bottom=0.12, hspace=0.24)
    written = BytesIO()
    figure.savefig(written, format="png")
    return written.getvalue()


def _stack(axes: Any, parts: Mapping[str, Sequence[int]]) -> dict[str, Any]:
    """Bars one upon the other, their sum above them; what stands for a cause in the legend."""
    floor, bars = [0] * DAYS, {}
    for cause, values in parts.items():
        look = {"color": COLOURS[cause], "edgecolor": PAPER, "linewidth": 0.6}
        if cause == OPEN:
            look |= {"edgecolor": INK, "hatch": "///"}
        there = [day for day, value in enumerate(values) if value]
        heights, bottoms = ([each[day] for day in there] for each in (values, floor))
        bars[cause] = axes.bar(there, heights, bottom=bottoms, width=0.78, **look)
        floor = [below + value for below, value in zip(floor, values, strict=True)]
    for day, total in enumerate(floor):
        if total:
            axes.annotate(
                _short(total),
                (day, total),
                xytext=(0, 3),
                textcoords="offset points",
                ha="center",
                fontsize=8.5,
                color=INK,
            )
    axes.set_ylim(0, max(*floor, 1) * 1.16)
    return bars


def _dress(axes: Any, title: str, shown: Fortnight) -> None:
    axes.set_title(title, loc="left", fontsize=12, fontweight="bold", color=INK)
    axes.set_facecolor(PAPER)
    axes.set_xlim(-0.6, DAYS - 0.4)
    axes.grid(axis="y", color=RULE, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(colors=INK, labelsize=9.5, length=0)
    axes.yaxis.get_major_locator().set_params(integer=True)
    axes.yaxis.set_major_formatter(lambda value, _: _short(round(value)))
    for spine in axes.spines.values():
        spine.set_visible(False)
    if not shown.counts:
        axes.set_yticks([])
        axes.text(0.5, 0.5, "nothing", transform=axes.transAxes, ha="center", color=INK, fontsize=12)


def _short(value: int) -> str:
    """A number that fits above a bar: 950, 1.2k, 46k."""
    if value < THOUSAND:
        return str(value)
    return f"{value / THOUSAND:.1f}k" if value < TEN_THOUSAND else f"{value / THOUSAND:.0f}k"


def _totals(parts: Mapping[str, Sequence[int]]) -> str:
    totals = sorted(((sum(values), cause) for cause, values in parts.items()), reverse=True)
    named = ", ".join(f"{cause} {number(total)}" for total, cause in totals[:NAMED_IN_ALT])
    rest = sum(total for total, _ in totals[NAMED_IN_ALT:])
    return f"{named}, others {number(rest)}" if rest else named
