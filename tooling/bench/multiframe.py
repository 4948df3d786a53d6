"""One object of 400 frames: how soon after it arrived a frame of it can be had, and what memory that takes."""

from tooling.bench import checks
from tooling.bench.phases import Figures, Phase, Work, remove, store
from tooling.bench.studies import FRAME_BYTES, Slice
from tooling.bench.targets import FRAMES, LIMIT, Target

_FRAME = 211
_MS = 1e3


def first_frame(work: Work, target: Target, repeat: int) -> Figures:
    """Store the object, and read a frame from its middle at once; the last one stays for nobody."""
    if target.name == LIMIT:
        return {}
    study = work.relabelled(work.multi_frame, "multi_frame", repeat)
    (one,) = study.slices
    with target.connect(work.buffer) as connection:
        checks.require_stored(store(connection, target, study.slices), 1)
        path = f"{target.series_path(study)}/instances/{one.sop_instance_uid}/frames/{_FRAME + 1}"
        answer = connection.get(path, FRAMES)
        begin = _FRAME * FRAME_BYTES
        checks.require_frame(answer, Slice(one.sop_instance_uid, b"", one.pixels[begin : begin + FRAME_BYTES]))
        remove(work, target, connection, study, repeat)
    return {"multi_frame": [answer.total_s * _MS]}


PHASES = (Phase("multi_frame", first_frame, is_repeated_always=True),)
