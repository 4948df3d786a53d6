"""What an answer must hold to count: a fast wrong answer ends the run."""

import gzip
import io
import json
import re
import zipfile
from hashlib import sha256
from typing import Any

import numpy as np

from tooling.bench.client import Answer
from tooling.bench.queries import PATIENT_NAME, Query
from tooling.bench.studies import Slice, Study

_STORED, _FAILED = "00081199", "00081198"
_SOP_UID = "00080018"


class WrongAnswerError(AssertionError):
    """A server answered, but not with what it was asked for."""


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise WrongAnswerError(what)


def require_status(answer: Answer, *expected: int) -> None:
    """Check the status."""
    if answer.status not in expected:
        raise WrongAnswerError(f"{answer.status} instead of {expected}: {bytes(answer.body[:300])!r}")


def require_stored(answer: Answer, count: int) -> None:
    """Check that STOW-RS stored every instance (PS3.18 10.5.3)."""
    require_status(answer, 200)
    said = json.loads(bytes(answer.body))
    stored, failed = (len(said.get(tag, {}).get("Value", [])) for tag in (_STORED, _FAILED))
    _require((stored, failed) == (count, 0), f"{stored} of {count} instances stored, {failed} refused")


def require_instances(answer: Answer, study: Study) -> None:
    """Check that a search found every instance of a study."""
    require_status(answer, 200)
    uids = {item[_SOP_UID]["Value"][0] for item in json.loads(bytes(answer.body))}
    _require(uids == study.sop_instance_uids, f"{len(uids & study.sop_instance_uids)} instances arrived")


def require_frame(answer: Answer, one: Slice) -> None:
    """Check every pixel of a frame."""
    require_status(answer, 200)
    begin = bytes(answer.body[:1024]).find(b"\r\n\r\n") + 4
    pixels = answer.body[begin : begin + len(one.pixels)]
    _require(np.array_equal(np.frombuffer(pixels, np.uint64), np.frombuffer(one.pixels, np.uint64)), "other pixels")


def require_metadata(answer: Answer, study: Study) -> None:
    """Check that metadata are those of every instance of the series."""
    require_status(answer, 200)
    body = bytes(answer.body)
    if answer.headers.get("content-encoding") == "gzip":
        body = gzip.decompress(body)
    uids = {item[_SOP_UID]["Value"][0] for item in json.loads(body)}
    _require(uids == study.sop_instance_uids, f"metadata of {len(uids)} instances, or of others")


def require_series(answer: Answer, study: Study) -> None:
    """Check that a series came bit-identical."""
    require_status(answer, 200)
    match = re.search(r'boundary="?([^";]+)', answer.headers["content-type"])
    _require(match is not None, "an answer without a boundary")
    parts = bytes(answer.body).split(b"--" + match[1].encode())[1:-1]  # type: ignore[index]  # required above
    hashes = {sha256(memoryview(part)[part.find(b"\r\n\r\n") + 4 : -2]).digest() for part in parts}
    _require(hashes == study.hashes, "the series came with other bytes than were stored")


def require_zip(answer: Answer, study: Study) -> None:
    """Check that a ZIP holds every file bit-identical."""
    require_status(answer, 200)
    with zipfile.ZipFile(io.BytesIO(bytes(answer.body))) as archive:
        hashes = {sha256(archive.read(name)).digest() for name in archive.namelist()}
    _require(hashes >= study.hashes, "the ZIP holds other bytes than were stored")


def require_found(answer: Answer, query: Query) -> None:
    """Check that a search found what it must, and nothing else."""
    require_status(answer, 200)
    items = json.loads(bytes(answer.body))
    _require(len(items) == query.count, f"{query.metric}: {len(items)} of {query.count} results")
    wrong = [item for item in items if not _text(item, query.tag).startswith(query.prefix)]
    _require(not wrong, f"{query.metric}: {len(wrong)} results that do not match")


def _text(item: dict[str, Any], tag: str) -> str:
    value = item[tag]["Value"][0]
    return str(value["Alphabetic"] if tag == PATIENT_NAME else value)
