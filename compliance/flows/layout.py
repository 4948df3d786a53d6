"""Where things stand on the map: where a person put them, else in lanes from the patient's mouth to the outside."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import count, islice

from compliance.flows.selectors import PARTY, FlowRef, Node

BOX_WIDTH, BOX_HEIGHT = 190.0, 60.0
LANE_WIDTH, ROW_HEIGHT = 280.0, 104.0
_LANES = (
    ("modality",),
    ("workstation", "mobile", "device", "media"),
    ("server", "network", "identity", "facility", ""),
    ("cloud", "remote_access"),
    (PARTY,),
)
_LANE_OF = {group: lane for lane, groups in enumerate(_LANES) for group in groups}

Place = tuple[float, float]
Places = dict[str, Place]


# Beyond so many boxes a search for free ways takes longer than a person waits, and finds none.
_SEARCHED = 60


def places_of(nodes: Sequence[Node], flows: Iterable[FlowRef] = ()) -> Places:
    """Return the middle of every box: two that nobody has placed never lie on one another, and of the places in its
    lane each takes the one where the fewest flows run behind a box that they have nothing to do with.
    """
    placed = [node for node in nodes if node.x is not None and node.y is not None]
    found: Places = {node.key: (float(node.x or 0), float(node.y or 0)) for node in placed}
    used = sorted({_lane_of(node) for node in nodes})
    ways = [(flow.source.key, flow.target.key) for flow in flows] if len(nodes) <= _SEARCHED else []
    for node in sorted(nodes, key=_lane_of):
        if node.key not in found:
            free = islice(_free_places(used.index(_lane_of(node)), found), len(nodes) + 2 if ways else 1)
            found[node.key] = min(free, key=partial(_hidden, key=node.key, found=found, ways=ways))
    return found


def _lane_of(node: Node) -> int:
    return _LANE_OF.get(node.group, 2)


def _free_places(lane: int, found: Places) -> Iterator[Place]:
    """Yield places of a lane from the top, half a row apart, that touch no box."""
    x = lane * LANE_WIDTH + BOX_WIDTH / 2
    # Every other lane stands half a row lower: what flows past a lane then runs between its boxes.
    for step in count(lane % 2):
        y = step * ROW_HEIGHT / 2 + BOX_HEIGHT / 2
        if not any(abs(x - other) < BOX_WIDTH and abs(y - down) < ROW_HEIGHT - 1 for other, down in found.values()):
            yield x, y


def _hidden(place: Place, *, key: str, found: Places, ways: Iterable[tuple[str, str]]) -> int:
    """Count the boxes that flows would run behind if this one stood here."""
    places = {**found, key: place}
    known = [(a, b) for a, b in ways if a in places and b in places and a != b]
    return sum(
        _meets(places[a], places[b], box)
        for a, b in known
        for other, box in places.items()
        if other not in {a, b} and key in {a, b, other}
    )


def _meets(start: Place, end: Place, box: Place) -> bool:
    """Say whether a straight line meets a box, by clipping it at the four sides."""
    first, last = 0.0, 1.0
    for axis, half in ((0, BOX_WIDTH / 2), (1, BOX_HEIGHT / 2)):
        way, away = end[axis] - start[axis], box[axis] - start[axis]
        if not way:
            if abs(away) >= half:
                return False
            continue
        near, far = sorted(((away - half) / way, (away + half) / way))
        first, last = max(first, near), min(last, far)
    return first < last
