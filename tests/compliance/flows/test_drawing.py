"""The map as a drawing: every flow numbered, nothing overlapping, safe to put into a page or a document."""

import datetime as dt
import math
import re
from itertools import combinations

import pytest
from defusedxml import ElementTree
from hypothesis import given
from hypothesis import strategies as st

from common.actor import Actor
from common.ids import uuid7
from common.scope import tenant_scope
from compliance.flows import drawing, services
from compliance.flows.layout import BOX_HEIGHT, BOX_WIDTH, places_of
from compliance.flows.selectors import FlowMap, FlowRef, Node
from tests.factories.inventory import add_asset

DAY = dt.date(2026, 10, 2)
SVG = "{http://www.w3.org/2000/svg}"
GROUPS = ["modality", "workstation", "server", "cloud", "party", "network", "media", ""]


def node(name: str, group: str = "server", x: float | None = None, y: float | None = None, key: str = "") -> Node:
    return Node(key or f"asset:{name}", uuid7(), name, group, "Kind", "", "stored", x, y)


def flow(source: Node, target: Node, **changes: object) -> FlowRef:
    values: dict[str, object] = {
        "channel_id": "EF-CSTORE",
        "channel_name": "DICOM C-STORE",
        "label": "",
        "is_both_ways": False,
        "ephi": "stored",
        "encryption": "no",
        "access_log": "no",
        "discloses": False,
        "safeguards": "",
        "verified_at": "",
        "ended_date": "",
    }
    return FlowRef(id=uuid7(), source=source, target=target, **{**values, **changes})  # type: ignore[arg-type]  # by name


def draw(*flows: FlowRef) -> str:
    nodes = tuple({end.key: end for one in flows for end in (one.source, one.target)}.values())
    return drawing.draw(FlowMap(DAY, nodes, flows, ()), title="Map")


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.req("RA-01")
def test_every_flow_has_a_number_and_a_line_that_explains_it() -> None:
    unit, archive, practice = node("CBCT", "modality"), node("Archive", "cloud"), node("Dr. Chen", "party")
    found = texts(draw(flow(unit, archive), flow(archive, practice, channel_name="Share link", encryption="yes")))

    assert found[:2] == ["Map", "As of 2026-10-02"]
    assert {"1", "2"} <= set(found)
    assert "1  CBCT → Archive, DICOM C-STORE, encrypted: no" in found
    assert "2  Archive → Dr. Chen, Share link, encrypted: yes" in found


def test_what_leaves_the_practice_or_is_not_encrypted_is_told_by_more_than_colour() -> None:
    unit, archive = node("CBCT", "modality"), node("Archive", "cloud")
    plain, safe = draw(flow(unit, archive)), draw(flow(unit, archive, encryption="yes"))
    leaving = draw(flow(unit, archive, discloses=True))

    assert ("stroke-dasharray" in plain, "stroke-dasharray" in safe) == (True, False)
    assert leaving.count("<circle") == safe.count("<circle") + 1


def test_a_map_without_flows_says_so() -> None:
    assert "No flow is recorded." in texts(draw())


def test_a_name_cannot_break_out_of_the_drawing() -> None:
    evil = node('<script>alert(1)</script>"&', "modality")
    svg = draw(flow(evil, node("Archive")))

    assert "<script" not in svg
    assert any("<script>" in text for text in texts(svg))


def test_several_flows_between_the_same_two_are_bent_apart() -> None:
    unit, archive = node("CBCT", "modality"), node("Archive", "cloud")
    svg = draw(flow(unit, archive), flow(unit, archive), flow(archive, unit), flow(unit, archive))
    middles = re.findall(r'<circle cx="([^"]+)" cy="([^"]+)" r="11"', svg)

    assert len(set(middles)) == 4


def _numbers(svg: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r'<circle cx="([^"]+)" cy="([^"]+)" r="11"', svg)]


def test_no_number_covers_another() -> None:
    lanes = ("modality", "workstation", "server", "cloud", "party")
    nodes = [node(f"{group} {row}", group) for group in lanes for row in range(3)]
    ways = [(0, 4), (3, 7), (6, 9), (9, 12), (10, 14), (1, 8), (2, 5), (13, 4), (6, 12), (12, 6), (7, 13)]
    numbers = _numbers(draw(*(flow(nodes[first], nodes[second]) for first, second in ways)))

    assert len(numbers) == len(ways)
    assert min(math.dist(first, second) for first, second in combinations(numbers, 2)) > 22


def test_a_number_steps_aside_where_its_arrow_runs_behind_a_box() -> None:
    first, between, last = (node(name, x=x, y=0.0) for name, x in (("A", 0.0), ("B", 300.0), ("C", 600.0)))
    straight, other = flow(first, last), flow(between, node("D", x=300.0, y=400.0))
    (x, _y), *_ = _numbers(draw(straight, other))

    # The paper begins at the left edge of the first box.
    middle = 300 + BOX_WIDTH / 2 + drawing.MARGIN
    assert abs(x - middle) > BOX_WIDTH / 2 + 11


def test_everything_lies_on_the_paper() -> None:
    svg = draw(flow(node("A", x=-5000.0, y=-300.0), node("B", x=900.0, y=4000.0)))
    root = ElementTree.fromstring(svg)
    width, height = float(root.get("width", "")), float(root.get("height", ""))
    boxes = [r for r in root.iter(f"{SVG}rect") if r.get("rx")]

    assert all(0 <= float(box.get("x", "")) <= width - BOX_WIDTH for box in boxes)
    assert all(0 <= float(box.get("y", "")) <= height - BOX_HEIGHT for box in boxes)


@given(
    st.lists(
        st.tuples(st.sampled_from(GROUPS), st.none() | st.integers(-2, 6), st.integers(-2, 6)), min_size=1, max_size=40
    )
)
def test_boxes_that_nobody_placed_lie_on_no_other_box(drawn: list[tuple[str, int | None, int]]) -> None:
    nodes = [
        node(str(number), group, None if x is None else x * 300.0, None if x is None else y * 200.0)
        for number, (group, x, y) in enumerate(drawn)
    ]
    places = places_of(nodes)
    free = {one.key for one in nodes if one.x is None}

    assert not [
        (first, second)
        for first, second in combinations(places, 2)
        if (first in free or second in free)
        and abs(places[first][0] - places[second][0]) < BOX_WIDTH
        and abs(places[first][1] - places[second][1]) < BOX_HEIGHT
    ]


def test_no_flow_of_a_usual_practice_runs_behind_a_box() -> None:
    unit, capture = node("CBCT", "modality"), node("Capture PC", "workstation")
    server, backup = node("Legacy server"), node("Backup box")
    archive, practice = node("Portal archive", "cloud"), node("Dr. Chen", "party")
    nodes = [backup, capture, unit, practice, server, archive]
    flows = [flow(unit, server), flow(capture, server), flow(server, practice), flow(server, archive)]
    flows += [flow(archive, backup), flow(archive, practice)]
    places = places_of(nodes, flows)

    hidden = [
        (one.source.name, one.target.name, box.name)
        for one in flows
        for box in nodes
        if box.key not in {one.source.key, one.target.key}
        and runs_behind(places[one.source.key], places[one.target.key], places[box.key])
    ]
    assert hidden == []


def runs_behind(start: tuple[float, float], end: tuple[float, float], box: tuple[float, float]) -> bool:
    """Walk along a flow in small steps and look whether it enters a box."""
    steps = [step / 200 for step in range(201)]
    points = [(start[0] + (end[0] - start[0]) * one, start[1] + (end[1] - start[1]) * one) for one in steps]
    return any(abs(x - box[0]) < BOX_WIDTH / 2 - 1 and abs(y - box[1]) < BOX_HEIGHT / 2 - 1 for x, y in points)


def test_a_box_stays_where_a_person_put_it() -> None:
    assert places_of([node("A", x=11.0, y=22.0)]) == {"asset:A": (11.0, 22.0)}


@pytest.mark.django_db
@pytest.mark.req("RA-15")
def test_the_map_of_a_tenant_is_drawn_with_its_day(officer: Actor) -> None:
    ends = [f"asset:{add_asset(officer, name, kind)}" for name, kind in (("CBCT", "AT-CBCT"), ("Vault", "AT-NAS"))]
    services.add_flow(actor=officer, source=ends[0], target=ends[1], values={"channel_id": "EF-SMB"})
    with tenant_scope(officer.tenant_id):
        svg = drawing.render_map_svg(title="Network map")

    assert {"Network map", "CBCT", "Vault"} <= set(texts(svg))
