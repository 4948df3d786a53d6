"""Scoring a network on annotated pictures: COCO's average precision, every class, also those that are off."""

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from inference.children import Children, Spec
from inference.errors import NetworkPackageError
from inference.networks import scoring
from inference.networks.errors import NetworkOutputError
from inference.networks.found import Found
from inference.networks.manifest import Manifest, Task, read_manifest
from inference.networks.scoring import Detection
from pacs.dicom import pictures

Tell = Callable[[int, int], None]
MANIFEST: Final = "network.yaml"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A network that is scored, from a folder; nothing of it is kept."""

    manifest: Manifest
    spec: Spec

    @classmethod
    def of_files(cls, files: Mapping[str, bytes]) -> "Candidate":
        """Read a network's files.

        Raises
        ------
        NetworkPackageError, ManifestError
            If one is missing, or the manifest is wrong.
        """
        text = files[MANIFEST]
        manifest = read_manifest(text)
        onnx = files.get(manifest.file)
        if onnx is None:
            raise NetworkPackageError(f"there is no {manifest.file}")
        return cls(manifest, Spec(hashlib.sha256(text).hexdigest(), text.decode(), False, lambda: onnx))


def evaluate(candidate: Candidate, *, images: Path, annotations: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """Run a detection network over pictures and score it.

    Returns
    -------
    dict
        ``AP50`` and ``AP50_95`` (means over the categories that have boxes), ``per_class`` by the categories' names,
        ``ms_per_image`` (decoded picture to boxes, in the network's child), ``images``, ``precision`` and ``recall``
        at each label's threshold.

    Raises
    ------
    ValueError
        If the annotations are none, or a picture is missing.
    NetworkOutputError
        If the network draws no boxes.
    """
    if candidate.manifest.output.task is not Task.DETECTION:
        raise NetworkOutputError("only networks that draw boxes are scored by average precision")
    files, truths, categories = scoring.read_annotations(annotations)
    box = Children(warm=1)
    try:
        detections, seconds = _detect(candidate, box, images, files, tell)
    finally:
        box.close()
    scores = scoring.score(detections, truths, categories)
    thresholds = {label.name: label.threshold for label in candidate.manifest.labels}
    return {
        "network": f"{candidate.manifest.name} {candidate.manifest.version}",
        "images": len(files),
        "AP50": scoring.mean([score.AP50 for score in scores.values()]),
        "AP50_95": scoring.mean([score.AP50_95 for score in scores.values()]),
        "per_class": {
            name: {
                **asdict(score),
                **_at_threshold(detections, truths, name, thresholds.get(name)),
            }
            for name, score in scores.items()
        },
        "ms_per_image": round(1000 * seconds / max(len(files), 1), 2),
    }


def _detect(
    candidate: Candidate, box: Children, folder: Path, files: Mapping[int, str], tell: Tell
) -> tuple[list[Detection], float]:
    found: list[Detection] = []
    seconds = 0.0
    box.load(candidate.spec)
    for number, (image_id, name) in enumerate(files.items(), start=1):
        pixels = read_picture(folder / Path(name).name)
        began = time.perf_counter()
        answer = box.ask(candidate.spec, "picture_job", pixels.data.cast("B"), shape=list(pixels.shape))
        seconds += time.perf_counter() - began
        found += _detections(candidate.manifest, image_id, answer["findings"])
        tell(number, len(files))
    return found, seconds


def _detections(manifest: Manifest, image_id: int, findings: list[dict[str, Any]]) -> list[Detection]:
    made = []
    for values in findings:
        finding = Found.of_json(values)
        label = manifest.label_of(finding.index)
        if label is not None and finding.box is not None:
            made.append(Detection(image_id, label.name, finding.score, finding.box))
    return made


def read_picture(path: Path) -> npt.NDArray[np.uint8]:
    """Read a JPEG or PNG as grey or colour display values, decoded in the sandbox.

    Raises
    ------
    ValueError
        If it is not there.
    PictureError, SandboxError
        If it is no picture.
    """
    try:
        data = path.read_bytes()
    except OSError:
        raise ValueError(f"there is no picture {path.name}") from None
    return pictures.decode_display(data)


def _at_threshold(
    detections: list[Detection], truths: list[scoring.Truth], name: str, threshold: float | None
) -> dict[str, float | None]:
    if threshold is None:
        return {"precision": None, "recall": None}
    precision, recall = scoring.precision_and_recall(detections, truths, name, threshold=threshold)
    return {"precision": precision, "recall": recall}
