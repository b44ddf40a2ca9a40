"""Plots of a report as SVG elements: lines by day, and shares with their intervals.

Elements are built, never text: every name and number is escaped when they are written.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement

WIDTH: Final = 760
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 16, 14, 34
_LINES: Final = 4  # horizontal lines of a scale
COLOURS: Final[Mapping[str, str]] = {"candidate": "#0b6e4f", "compared": "#b25d00"}


def lines_by_day(title: str, days: Sequence[str], values: Mapping[str, Sequence[int]]) -> Element:
    """A line for each policy; one point for each day."""
    height = 240
    svg = _svg(title, height)
    most = max((max(each, default=0) for each in values.values()), default=0) or 1
    bottom = height - _BOTTOM
    for step in range(_LINES + 1):
        y = bottom - (bottom - _TOP) * step / _LINES
        _line(svg, (_LEFT, y), (WIDTH - _RIGHT, y), "#ddd")
        _text(svg, _LEFT - 6, y + 4, f"{most * step / _LINES:,.4g}", "end")
    wide = (WIDTH - _LEFT - _RIGHT) / max(len(days) - 1, 1)
    for side, counts in values.items():
        points = " ".join(
            f"{_LEFT + wide * place:.1f},{bottom - (bottom - _TOP) * count / most:.1f}"
            for place, count in enumerate(counts)
        )
        SubElement(
            svg,
            "polyline",
            {"points": points, "fill": "none", "stroke": COLOURS[side], "stroke-width": "1.6"},
        )
    for place, anchor in ((0, "start"), (len(days) - 1, "end")):
        if days:
            _text(svg, _LEFT + wide * place, height - 12, days[place], anchor)
    return svg


def shares(title: str, rows: Sequence[tuple[str, str, Mapping[str, Any]]]) -> Element:
    """A bar from 0 to 1 for each row of name, policy and share, with its interval of 95 %."""
    step, left = 34, 210
    height = _TOP + step * len(rows) + _BOTTOM
    svg = _svg(title, height)
    wide = WIDTH - left - 90
    for place, (name, side, share) in enumerate(rows):
        y = _TOP + step * place + 8
        _text(svg, left - 8, y + 12, name, "end")
        if share["value"] is None:
            _text(svg, left + 4, y + 12, "no labelled payment", "start")
            continue
        box = {"x": str(left), "y": f"{y}", "height": "16", "fill": COLOURS[side]}
        SubElement(svg, "rect", {**box, "width": f"{wide * share['value']:.1f}", "opacity": "0.55"})
        low, high = left + wide * share["low"], left + wide * share["high"]
        _line(svg, (low, y + 8), (high, y + 8), "#222")
        for end in (low, high):
            _line(svg, (end, y + 3), (end, y + 13), "#222")
        _text(svg, high + 6, y + 12, f"{share['value']:.1%}", "start")
    for tenth in (0, 5, 10):
        x = left + wide * tenth / 10
        _text(svg, x, height - 12, f"{tenth / 10:.0%}", "middle")
    return svg


def bars(title: str, rows: Sequence[tuple[str, str, float, str]]) -> Element:
    """A bar for each row of name, policy, value and the text of the value."""
    step, left = 30, 210
    height = _TOP + step * len(rows) + 10
    svg = _svg(title, height)
    most = max((value for _, _, value, _ in rows), default=0.0) or 1.0
    wide = WIDTH - left - 170
    for place, (name, side, value, words) in enumerate(rows):
        y = _TOP + step * place
        _text(svg, left - 8, y + 13, name, "end")
        size = f"{wide * value / most:.1f}"
        box = {"x": str(left), "y": f"{y}", "width": size, "height": "18", "fill": COLOURS[side]}
        SubElement(svg, "rect", box)
        _text(svg, left + wide * value / most + 6, y + 13, words, "start")
    return svg


def _svg(title: str, height: int) -> Element:
    svg = Element(
        "svg",
        {
            "viewBox": f"0 0 {WIDTH} {height}",
            "width": str(WIDTH),
            "height": str(height),
            "role": "img",
            "aria-label": title,
        },
    )
    SubElement(svg, "title").text = title
    return svg


def _line(svg: Element, begin: tuple[float, float], end: tuple[float, float], colour: str) -> None:
    places = {"x1": begin[0], "y1": begin[1], "x2": end[0], "y2": end[1]}
    SubElement(svg, "line", {k: f"{v:.1f}" for k, v in places.items()} | {"stroke": colour})


def _text(svg: Element, x: float, y: float, words: str, anchor: str) -> None:
    SubElement(svg, "text", {"x": f"{x:.1f}", "y": f"{y:.1f}", "text-anchor": anchor}).text = words
