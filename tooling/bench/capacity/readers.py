"""What people ask for: searches, pages of the worklist, and all images of a study."""

import itertools
from collections.abc import Iterator

from tooling.bench import checks
from tooling.bench.capacity.observed import Observed, Spread
from tooling.bench.client import Connection
from tooling.bench.flat import SEARCHES
from tooling.bench.studies import Study
from tooling.bench.targets import DICOM_JSON, FRAMES, Target

FRAME = "frame"
_EACH_AT_REST = 10


class Readers:
    """Who reads; the searches go round."""

    def __init__(self, target: Target, observed: Observed) -> None:
        assert target.session is not None
        self._target, self._observed, self._cookie = target, observed, f"bitewing={target.session()}"
        # Taking the next one is one step of the interpreter.
        self._searches: Iterator[str] = itertools.cycle(SEARCHES.values())

    def search(self, connection: Connection) -> None:
        """Search for studies by QIDO-RS."""
        answer = connection.get(f"{self._target.root}/studies?{next(self._searches)}", DICOM_JSON)
        checks.require_status(answer, 200)

    def list_newest(self, connection: Connection) -> None:
        """Read the first page of the worklist."""
        checks.require_status(connection.get("/studies/", "text/html", Cookie=self._cookie), 200)

    def open(self, connection: Connection, study: Study) -> None:
        """Read metadata and all frames of a study, one frame after the other."""
        path = f"{self._target.series_path(study)}/metadata"
        checks.require_metadata(connection.get(path, DICOM_JSON, Accept_Encoding="gzip"), study)
        for index, one in enumerate(study.slices):
            answer = connection.get(self._target.frame_path(study, index), FRAMES)
            checks.require_frame(answer, one)
            self._observed.took_s[FRAME].append(answer.total_s)


def qido_at_rest(target: Target) -> Spread:
    """Ask the searches of a portal that has nothing else to do."""
    with target.connect() as connection:
        answers = [
            connection.get(f"{target.root}/studies?{search}", DICOM_JSON)
            for search in SEARCHES.values()
            for _ in range(_EACH_AT_REST)
        ]
    return Spread.of([answer.total_s for answer in answers])
