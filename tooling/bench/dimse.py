"""C-STORE: dcmtk's `storescu` sends a volume over one association, and over four at once."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from config.env import child_environment
from tooling.bench import checks, client
from tooling.bench.phases import Figures, Phase, Work, delete, settle, timed
from tooling.bench.studies import SLICES, Slice, Study
from tooling.bench.targets import CALLED, CALLING, DICOM_JSON, Target

# pynetdicom brings a program of the same name, which is no stranger.
_PLACES = "/usr/bin:/usr/local/bin"


def program() -> str | None:
    """Return dcmtk's program, or None where it is not installed."""
    return shutil.which("storescu", path=_PLACES)


def store_over(associations: int, work: Work, target: Target, repeat: int) -> Figures:
    """Store a volume by C-STORE, then look whether all of it is there.

    All repeats stay until the last: ext4 passes by what was freed in the last minutes, file by file, and a server whose
    neighbour deletes would take twice as long to make its own.
    """
    sender = program()
    if sender is None or target.dicom_port is None:
        return {}
    way = f"dimse_{associations}"
    study = work.study(way, repeat)
    share = SLICES // associations
    shares = [study.slices[begin : begin + share] for begin in range(0, SLICES, share)]
    with _written(shares) as folders, ThreadPoolExecutor(associations) as pool:
        send = partial(_send, sender, target.dicom_port)
        took = timed(lambda: list(pool.map(send, folders)))
    with target.connect(work.buffer) as connection:
        _require_stored(connection, target, study)
        settle(target)
        if work.is_last(repeat):
            for earlier in range(work.repeats):
                delete(target, connection, work.study(way, earlier))
    return {f"cstore_{associations}": [SLICES / took]}


@contextmanager
def _written(shares: Sequence[Sequence[Slice]]) -> Iterator[list[Path]]:
    """Write files to folders in memory, where there is one: the sender's disk is not what is measured."""
    memory = Path("/dev/shm")  # noqa: S108  a folder of our own is made in it
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as place:
        folders = []
        for number, slices in enumerate(shares):
            folder = Path(place) / str(number)
            folder.mkdir()
            for index, one in enumerate(slices):
                with (folder / f"{index:04d}.dcm").open("wb") as file:
                    file.writelines([one.head, one.pixels])
            folders.append(folder)
        yield folders


def _send(sender: str, port: int, folder: Path) -> None:
    command = [sender, "-aet", CALLING, "-aec", CALLED, "+sd", "127.0.0.1", str(port), str(folder)]
    done = subprocess.run(
        command, env=child_environment({"TCP_NODELAY": "1"}), capture_output=True, text=True, check=False, timeout=300
    )
    if done.returncode:
        raise checks.WrongAnswerError(f"storescu: {(done.stdout + done.stderr)[-500:]}")


def _require_stored(connection: client.Connection, target: Target, study: Study) -> None:
    answer = connection.get(f"{target.series_path(study)}/instances?limit={SLICES + 1}", DICOM_JSON)
    checks.require_instances(answer, study)


PHASES = tuple(
    Phase(f"dimse_{associations}", partial(store_over, associations), is_repeated_always=True)
    for associations in (1, 4)
)
