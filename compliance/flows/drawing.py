"""The map as a drawing that needs nothing else: for documents, for paper, and where no script runs."""

import datetime as dt
import math
from collections import Counter
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from django.utils.translation import gettext as _

from compliance.flows import selectors
from compliance.flows.layout import BOX_HEIGHT, BOX_WIDTH, Places, places_of
from compliance.flows.selectors import FlowMap, FlowRef, Node
from compliance.models.states import Safeguard

MARGIN = 24.0
TITLE_HEIGHT = 56.0
LINE_HEIGHT = 20.0
NAME_LETTERS, KIND_LETTERS = 23, 30
_FONT = "Liberation Sans, DejaVu Sans, Arial, sans-serif"
# Colour never says it alone: the dash says "not encrypted", the double ring says "leaves the practice".
_INK, _MUTED, _LINE, _BAD, _PAPER = "#16252b", "#4c6069", "#3f5560", "#a92323", "#ffffff"
_FILLS = {
    "modality": "#e5f0fb",
    "workstation": "#eef3f5",
    "server": "#e2f3e9",
    "cloud": "#f0ebf8",
    "party": "#fdf1d8",
}
_BEND = 34.0
# Where the number of an arrow may stand, as parts of its way: the middle, else the nearest place that is free.
_STEPS = tuple(sorted((step / 40 for step in range(5, 36)), key=lambda step: abs(step - 0.5)))
_NUMBER_ROOM = 30.0


@dataclass(frozen=True, slots=True)
class _Point:
    x: float
    y: float


# Where an arrow leaves its box, what bends it, and where it arrives.
_Curve = tuple[_Point, _Point, _Point]


def render_map_svg(*, as_of: dt.date | None = None, title: str = "") -> str:
    """Return the map of a day as SVG (inside the open scope)."""
    return draw(selectors.get_map(as_of), title=title or _("Data flows and network map"))


def draw(found: FlowMap, *, title: str) -> str:
    """Draw a map: boxes, numbered arrows, and a list of what the numbers mean."""
    if not found.nodes:
        return _document(560, 120, title, found, [_text(MARGIN, TITLE_HEIGHT + 32, _("No flow is recorded."), 14)])
    places = _shifted(places_of(found.nodes, found.flows))
    width = max(max(x for x, _y in places.values()) + BOX_WIDTH / 2 + MARGIN, 720)
    bottom = max(y for _x, y in places.values()) + BOX_HEIGHT / 2 + MARGIN
    legend = _legend(found, bottom + LINE_HEIGHT)
    arrows = _arrows(found, places)
    boxes = [_box(node, places[node.key]) for node in found.nodes]
    # Numbers on top: an arrow may run behind a box that it has nothing to do with.
    parts = [*(line for line, _number in arrows), *boxes, *(number for _line, number in arrows), *legend]
    return _document(width, bottom + LINE_HEIGHT * (len(legend) + 2), title, found, parts)


def _shifted(places: Places) -> Places:
    """Move everything so that nothing lies outside of the paper."""
    left = min(x for x, _y in places.values()) - BOX_WIDTH / 2 - MARGIN
    top = min(y for _x, y in places.values()) - BOX_HEIGHT / 2 - MARGIN - TITLE_HEIGHT
    return {key: (x - left, y - top) for key, (x, y) in places.items()}


def _document(width: float, height: float, title: str, found: FlowMap, parts: list[str]) -> str:
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
    stand = _("As of {day}").format(day=found.day.isoformat())
    return "".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" font-family={quoteattr(_FONT)}>',
            f"<title>{escape(f'{title}, {stand}')}</title>",
            f'<rect width="100%" height="100%" fill="{_PAPER}"/>',
            _marker("arrow", _LINE),
            _marker("arrow-bad", _BAD),
            _text(MARGIN, 28, title, 17, weight="bold"),
            _text(MARGIN, 48, stand, 12, fill=_MUTED),
            *parts,
            "</svg>",
        ]
    )


def _marker(name: str, fill: str) -> str:
    return (
        f'<marker id="{name}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" '
        f'orient="auto-start-reverse"><path d="M0 0L10 5L0 10z" fill="{fill}"/></marker>'
    )


def _text(x: float, y: float, text: str, size: int, *, weight: str = "normal", fill: str = _INK) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" fill="{fill}">{escape(text)}</text>'
    )


def _cut(text: str, letters: int) -> str:
    return text if len(text) <= letters else f"{text[: letters - 1].rstrip()}…"


def _box(node: Node, place: tuple[float, float]) -> str:
    x, y = place[0] - BOX_WIDTH / 2, place[1] - BOX_HEIGHT / 2
    corner = 28 if node.is_party else 8
    fill = _FILLS.get(node.group, "#f4f7f8")
    below = node.site or node.kind_label
    return (
        f'<g><rect x="{x:.1f}" y="{y:.1f}" width="{BOX_WIDTH:.0f}" height="{BOX_HEIGHT:.0f}" rx="{corner}" '
        f'fill="{fill}" stroke="{_LINE}"/>'
        f"{_text(x + 12, y + 26, _cut(node.name, NAME_LETTERS), 13, weight='bold')}"
        f"{_text(x + 12, y + 45, _cut(below, KIND_LETTERS), 11, fill=_MUTED)}</g>"
    )


def _arrows(found: FlowMap, places: Places) -> list[tuple[str, str]]:
    """Draw every flow as an arrow and its number; several between the same two are bent apart."""
    seen: Counter[frozenset[str]] = Counter()
    taken: list[_Point] = []
    parts = []
    for number, flow in enumerate(found.flows, start=1):
        pair = frozenset({flow.source.key, flow.target.key})
        seen[pair] += 1
        curve = _curve(flow, places, nth=seen[pair])
        taken.append(_place_of_number(curve, taken, places))
        parts.append((_line(flow, curve), _number(number, flow, taken[-1])))
    return parts


def _place_of_number(curve: _Curve, taken: list[_Point], places: Places) -> _Point:
    """Return a place on neither number nor box; where there is none, one on a box; else the middle."""
    spots = [_point_on(curve, step) for step in _STEPS]
    apart = [spot for spot in spots if _is_apart(spot, taken)]
    return next((spot for spot in apart if not _is_on_box(spot, places)), (apart or spots)[0])


def _is_apart(spot: _Point, taken: list[_Point]) -> bool:
    return all(math.hypot(spot.x - one.x, spot.y - one.y) >= _NUMBER_ROOM for one in taken)


def _is_on_box(spot: _Point, places: Places) -> bool:
    return any(
        abs(spot.x - x) < BOX_WIDTH / 2 + 12 and abs(spot.y - y) < BOX_HEIGHT / 2 + 12 for x, y in places.values()
    )


def _point_on(curve: _Curve, step: float) -> _Point:
    """Return a point of a quadratic Bezier curve."""
    weights = ((1 - step) ** 2, 2 * step * (1 - step), step**2)
    return _Point(
        sum(weight * point.x for weight, point in zip(weights, curve, strict=True)),
        sum(weight * point.y for weight, point in zip(weights, curve, strict=True)),
    )


def _curve(flow: FlowRef, places: Places, *, nth: int) -> _Curve:
    """Return where the curve of a flow leaves its box, what bends it, and where it arrives."""
    start, end = _Point(*places[flow.source.key]), _Point(*places[flow.target.key])
    bend = (nth // 2) * _BEND * (1 if nth % 2 else -1)
    # Which way is "left" must not depend on the direction, or two opposite flows would be bent onto one another.
    turn = 1 if (start.x, start.y) <= (end.x, end.y) else -1
    length = math.hypot(end.x - start.x, end.y - start.y) or 1.0
    normal = _Point(-(end.y - start.y) / length * turn, (end.x - start.x) / length * turn)
    control = _Point((start.x + end.x) / 2 + 2 * bend * normal.x, (start.y + end.y) / 2 + 2 * bend * normal.y)
    return _edge_of_box(start, control), control, _edge_of_box(end, control)


def _line(flow: FlowRef, curve: _Curve) -> str:
    first, control, last = curve
    colour, marker = (_BAD, "arrow-bad") if flow.discloses else (_LINE, "arrow")
    dash = "" if flow.encryption == Safeguard.YES else ' stroke-dasharray="6 4"'
    back = f' marker-start="url(#{marker})"' if flow.is_both_ways else ""
    return (
        f'<path d="M{first.x:.1f} {first.y:.1f}Q{control.x:.1f} {control.y:.1f} {last.x:.1f} {last.y:.1f}" '
        f'fill="none" stroke="{colour}" stroke-width="1.6"{dash} marker-end="url(#{marker})"{back}/>'
    )


def _number(number: int, flow: FlowRef, place: _Point) -> str:
    colour = _BAD if flow.discloses else _LINE
    circles = "".join(
        f'<circle cx="{place.x:.1f}" cy="{place.y:.1f}" r="{radius}" fill="{_PAPER}" stroke="{colour}"/>'
        for radius in ((14, 11) if flow.discloses else (11,))
    )
    return (
        f'{circles}<text x="{place.x:.1f}" y="{place.y + 4:.1f}" font-size="11" text-anchor="middle" fill="{colour}">'
        f"{number}</text>"
    )


def _edge_of_box(middle: _Point, towards: _Point) -> _Point:
    """Return where the line from the middle of a box leaves it."""
    dx, dy = towards.x - middle.x, towards.y - middle.y
    if not dx and not dy:
        return middle
    reach = min(
        (BOX_WIDTH / 2) / abs(dx) if dx else math.inf,
        (BOX_HEIGHT / 2) / abs(dy) if dy else math.inf,
    )
    return _Point(middle.x + dx * reach, middle.y + dy * reach)


def _legend(found: FlowMap, top: float) -> list[str]:
    lines = [
        _("Dashed: not encrypted, or not known. Double ring: leaves the hands of the practice."),
        *(f"{number}  {describe(flow)}" for number, flow in enumerate(found.flows, start=1)),
    ]
    return [
        _text(MARGIN, top + index * LINE_HEIGHT, line, 12, fill=_INK if index else _MUTED)
        for index, line in enumerate(lines)
    ]


def describe(flow: FlowRef) -> str:
    """Return a flow in one line."""
    arrow = "↔" if flow.is_both_ways else "→"
    encryption = dict(Safeguard.choices).get(flow.encryption, flow.encryption)
    words = [f"{flow.source.name} {arrow} {flow.target.name}", flow.channel_name, flow.label]
    words.append(_("encrypted: {state}").format(state=str(encryption).lower()))
    return ", ".join(word for word in words if word)
