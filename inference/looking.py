"""One look of a network at one stored image: read, sent to its child, and what came back."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import numpy as np
import numpy.typing as npt

from common.scope import tenant_scope
from inference import children
from inference.children import Spec
from inference.errors import ImageGoneError
from inference.models import ImageTag, Network, Run
from inference.networks import tags
from inference.networks.found import Found
from inference.networks.manifest import ImageKind, Label, Manifest, Task
from inference.networks.pixels import resize
from inference.networks.teeth import sextant
from pacs import readings
from pacs.readings import SeriesImages, Volume
from vault import selectors as vault

# Longest side of a volume that is sent to a child: 512 MiB of float32.
_VOXELS: Final = 128 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding at or above the threshold of its label, which is on."""

    label: Label
    found: Found
    teeth: str
    tag: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a look gave: everything above the floor as `result`, and of it what is shown."""

    result: dict[str, Any]
    shown: tuple[Shown, ...]
    runtime: str
    cpu_s: float
    wall_s: float


def look(*, tenant_id: UUID, run: Run, network: Network, manifest: Manifest) -> Outcome:
    """Show an image to a network.

    Raises
    ------
    ImageGoneError
        If it is not there any more, or is another one by now.
    NetworkError, ImageUnreadableError, SandboxError
        What `children.Children.ask` raises.
    """
    with tenant_scope(tenant_id):
        series = readings.read_series(run.series_id)
        tag = ImageTag.objects.filter(series_id=run.series_id, instance_id=run.instance_id).first()
        film = _film(run, series) if run.instance_id else None
    # Outside of the scope: a network may take minutes, and no transaction is held open for it.
    spec = spec_of(network, manifest)
    answer = _ask_film(film, spec) if film else _ask_volume(run, series, spec, manifest)
    found = [Found.of_json(values) for values in answer["findings"]]
    size = (int(answer.get("rows", 0)), int(answer.get("columns", 0)))
    result = {
        "network": bytes(network.digest).hex(),
        "input": bytes(run.input_sha256).hex(),
        "runtime": answer["runtime"],
        "findings": answer["findings"],
    }
    shown = tuple(_shown(found, manifest, tag, size))
    return Outcome(result, shown, answer["runtime"], answer["cpu_s"], answer["wall_s"])


def spec_of(network: Network, manifest: Manifest) -> Spec:
    """Return a network as its child is told it; the .onnx is opened only when the child asks."""
    return Spec(
        digest=bytes(network.digest).hex(),
        manifest=network.manifest,
        is_volume=manifest.output.task is Task.VOLUME_SEGMENTATION,
        read_onnx=lambda: _read_blob(network.tenant_id, network.onnx_blob_id),
    )


def _read_blob(tenant_id: UUID, blob_id: UUID) -> bytes:
    reader = vault.open_object(tenant_id=tenant_id, blob_id=blob_id)
    return reader.read(0, reader.plain_size)


def _film(run: Run, series: SeriesImages | None) -> tuple[dict[str, Any], bytes]:
    images = series.images if series else ()
    image = next((one for one in images if one.id == run.instance_id), None)
    if image is None or image.sha256 != bytes(run.input_sha256):
        raise ImageGoneError()
    return image.frame()


def _ask_film(film: tuple[dict[str, Any], bytes], spec: Spec) -> dict[str, Any]:
    parameters, data = film
    return children.children().ask(spec, "run_job", data, **parameters)


def _ask_volume(run: Run, series: SeriesImages | None, spec: Spec, manifest: Manifest) -> dict[str, Any]:
    if series is None or series.volume is None or series.sha256 != bytes(run.input_sha256):
        raise ImageGoneError()
    values, spacing = reduce(series.volume, manifest.input.voxel_mm or 1.0)
    parameters = {"shape": list(values.shape), "spacing_mm": list(spacing)}
    answer = children.children().ask(spec, "volume_job", values.data.cast("B"), **parameters)
    factors = (series.volume.geometry.columns / values.shape[2], series.volume.geometry.rows / values.shape[1])
    return {**answer, "findings": [_enlarged(finding, factors) for finding in answer["findings"]]}


def reduce(volume: Volume, voxel_mm: float) -> tuple[npt.NDArray[np.float32], tuple[float, float, float]]:
    """Read a volume slice by slice, each made smaller at once where the network looks at larger voxels anyway."""
    geometry = volume.geometry
    across, down, along = geometry.spacing_mm
    columns = min(geometry.columns, max(1, round(geometry.columns * across / voxel_mm)))
    rows = min(geometry.rows, max(1, round(geometry.rows * down / voxel_mm)))
    if columns * rows * geometry.slices > _VOXELS:
        raise ImageGoneError("the volume has more voxels than a network is shown")
    values = np.empty((geometry.slices, rows, columns), dtype=np.float32)
    for number, plane in enumerate(volume.values()):
        values[number] = resize(plane, rows, columns)
    spacing = (along, down * geometry.rows / rows, across * geometry.columns / columns)
    return values, spacing


def _enlarged(finding: dict[str, Any], factors: tuple[float, float]) -> dict[str, Any]:
    """Give a box of the reduced volume in pixels of its slices."""
    across, down = factors
    if not finding["box"]:
        return finding
    left, top, right, bottom = finding["box"]
    return {**finding, "box": [left * across, top * down, right * across, bottom * down]}


def _shown(found: list[Found], manifest: Manifest, tag: ImageTag | None, size: tuple[int, int]) -> list[Shown]:
    shown = []
    for finding in found:
        label = manifest.label_of(finding.index)
        if label is not None and label.is_on and finding.score >= label.threshold:
            teeth = _teeth(finding, manifest, tag, size)
            shown.append(Shown(label, finding, teeth, tags.of_finding(label.key, teeth=teeth)))
    return shown


def _teeth(finding: Found, manifest: Manifest, tag: ImageTag | None, size: tuple[int, int]) -> str:
    """Say which teeth a finding is about: those that the header names, else the sextant of a panoramic."""
    if tag is not None and tag.teeth:
        return tag.teeth
    is_panoramic = tag is not None and tag.kind == ImageKind.PANORAMIC
    if manifest.teeth == "position" and is_panoramic and finding.box and all(size):
        return sextant(finding.box, *size)
    return ""
