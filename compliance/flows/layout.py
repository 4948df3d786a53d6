"""Where things stand on the map: where a person put them, else in lanes from the patient's mouth to the outside."""

from collections import defaultdict
from collections.abc import Iterable

from compliance.flows.selectors import PARTY, Node

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

Places = dict[str, tuple[float, float]]


def places_of(nodes: Iterable[Node]) -> Places:
    """Return the middle of every box; two boxes that nobody has placed never lie on one another."""
    found: Places = {}
    rows: dict[int, int] = defaultdict(int)
    placed = [node for node in nodes if node.x is not None and node.y is not None]
    for node in placed:
        found[node.key] = (float(node.x or 0), float(node.y or 0))
    taken = set(found.values())
    used = [lane for lane in range(len(_LANES)) if any(_LANE_OF.get(node.group, 2) == lane for node in nodes)]
    for node in nodes:
        if node.key in found:
            continue
        lane = used.index(_LANE_OF.get(node.group, 2))
        place = _free_place(lane, rows, taken)
        found[node.key] = place
        taken.add(place)
    return found


def _free_place(lane: int, rows: dict[int, int], taken: set[tuple[float, float]]) -> tuple[float, float]:
    while True:
        # Every other lane stands half a row lower: what flows past a lane then runs between its boxes.
        down = rows[lane] * ROW_HEIGHT + lane % 2 * ROW_HEIGHT / 2
        place = (lane * LANE_WIDTH + BOX_WIDTH / 2, down + BOX_HEIGHT / 2)
        rows[lane] += 1
        if not any(abs(place[0] - x) < BOX_WIDTH and abs(place[1] - y) < BOX_HEIGHT for x, y in taken):
            return place
