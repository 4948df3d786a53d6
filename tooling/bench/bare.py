"""The machine's limit: a bare granian application that sends the same bytes (`bare_app`), and what it needs to know."""

import gzip
import io
import itertools
import json
import sys
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from config.env import child_environment
from tests.servers.process import accepts, running
from tooling.bench.client import Piece
from tooling.bench.queries import PATIENT_NAME, Query
from tooling.bench.studies import Slice, Study
from tooling.bench.targets import DICOM_JSON, ROOT, Target, free_port, new_folder

_BOUNDARY = "bare"
# Brings an item to about the size that servers send for a study or an instance.
_FILLER = {"00081030": {"vr": "LO", "Value": ["CBCT both jaws"]}, "00080061": {"vr": "CS", "Value": ["CT"]}} | {
    f"0020{number:04X}": {"vr": "LO", "Value": ["text"]} for number in range(0x10, 0x30)
}


@contextmanager
def bare(scratch: Path, studies: Sequence[Study], queries: Sequence[Query]) -> Iterator[Target]:
    """Run the bare application until the block ends; only of the first study it has more than metadata."""
    folder = new_folder(scratch, "bare")
    port = free_port()
    target = Target(
        name="bare",
        title="bare granian application",
        port=port,
        pids=(),
        zip_path=lambda study: f"/zip/{study.study_instance_uid}",
        delete_path=lambda study: f"/studies/{study.study_instance_uid}",
    )
    _write_answers(folder, target, studies, queries)
    command = [
        *(sys.executable, "-m", "granian", "--interface=wsgi", "--no-ws", "--host=127.0.0.1", f"--port={port}"),
        *("--workers=2", "--blocking-threads=64", "--backpressure=256", "--log-level=warning"),
        "tooling.bench.bare_app:application",
    ]
    environment = child_environment({"BENCH_BARE_FOLDER": str(folder), "PYTHONPATH": str(ROOT)})
    with running(
        command, is_ready=lambda: accepts(port), log=folder / "server.log", environment=environment
    ) as process:
        yield Target(**{**vars(target), "pids": (process.pid,)})


class _Answers:
    """Writes ready answers to files, and the table of which address has which."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._table: dict[str, tuple[str, str, str]] = {}
        self._numbers = itertools.count()

    def add(self, path: str, content_type: str, content: Iterable[Piece], encoding: str = "") -> None:
        name = f"answer-{next(self._numbers)}"
        with (self._folder / name).open("wb") as file:
            file.writelines(content)
        self._table[path] = (name, content_type, encoding)

    def finish(self) -> None:
        (self._folder / "answers.json").write_text(json.dumps(self._table))


def _write_answers(folder: Path, target: Target, studies: Sequence[Study], queries: Sequence[Query]) -> None:
    answers = _Answers(folder)
    for study in studies:
        items = [{"00080018": {"vr": "UI", "Value": [uid]}, **_FILLER} for uid in study.sop_instance_uids]
        content = gzip.compress(json.dumps(items).encode(), 6)
        answers.add(f"{target.series_path(study)}/metadata", DICOM_JSON, [content], "gzip")
    main = studies[0]
    answers.add(target.series_path(main), f"multipart/related; boundary={_BOUNDARY}", _parts(main.slices, whole=True))
    for index, one in enumerate(main.slices):
        content_type = f"multipart/related; boundary={_BOUNDARY}"
        answers.add(target.frame_path(main, index), content_type, _parts([one], whole=False))
    answers.add(target.zip_path(main), "application/zip", [zipped(main)])
    for query in queries:
        answers.add(query.path(target.root), DICOM_JSON, [json.dumps(_items(query)).encode()])
    answers.finish()


def zipped(study: Study) -> bytes:
    """Return the files as a stored ZIP, made by the standard library."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number, one in enumerate(study.slices):
            with archive.open(f"{number:08d}", "w") as file:
                file.write(one.head)
                file.write(one.pixels)
    return out.getvalue()


def _parts(slices: Iterable[Slice], *, whole: bool) -> Iterator[Piece]:
    for one in slices:
        yield f"--{_BOUNDARY}\r\nContent-Type: application/octet-stream\r\n\r\n".encode()
        if whole:
            yield one.head
        yield from (one.pixels, b"\r\n")
    yield f"--{_BOUNDARY}--\r\n".encode()


def _items(query: Query) -> list[dict[str, Any]]:
    value = {"Alphabetic": query.prefix} if query.tag == PATIENT_NAME else query.prefix
    return [{**_FILLER, query.tag: {"vr": "LO", "Value": [value]}} for _ in range(query.count)]
