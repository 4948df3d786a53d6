"""The manifest of a network, `network.yaml`: what it is, what it wants, what it gives, and how good it is.

The reference for people is docs/reference/network-manifest.md; this is the same as types, and what is enforced.
"""

import math
from collections import Counter
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from inference.networks.errors import ManifestError
from inference.networks.vocabulary import CODING_SCHEME, VOCABULARY

MAX_MANIFEST_BYTES: Final = 256 * 1024
MAX_SIDE: Final = 4096
# Values that one input may have: 256 MiB of float32, a quarter of what a child may use.
MAX_INPUT_VALUES: Final = 64 * 1024 * 1024

ShortText = Annotated[str, Field(min_length=1, max_length=200)]
LongText = Annotated[str, Field(min_length=1, max_length=4000)]
Share = Annotated[float, Field(ge=0, le=1)]


class ImageKind(StrEnum):
    """What an image shows, as `inference.networks.tagging` tells it."""

    PANORAMIC = "panoramic"
    CEPHALOMETRIC = "cephalometric"
    BITEWING = "bitewing"
    PERIAPICAL = "periapical"
    PHOTO = "photo"
    CBCT = "cbct"


class Task(StrEnum):
    """What a network does, hence which adapter reads it."""

    DETECTION = "detection"
    CLASSIFICATION = "classification"
    SEMANTIC_SEGMENTATION = "semantic-segmentation"
    VOLUME_SEGMENTATION = "volume-segmentation"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Supplier(_Part):
    """Who made the network. `third-party` is refused until compliance has his papers (AI-18)."""

    name: ShortText
    relation: Literal["own", "third-party"]
    contact: str = ""


class TrainingData(_Part):
    """One source that the network learned from (AI-11)."""

    name: ShortText
    origin: Literal["public", "consented-research", "synthetic"]
    licence: ShortText
    attribution: ShortText
    images: Annotated[int, Field(ge=1)]
    source: str = ""
    note: str = ""


class Input(_Part):
    """What the network is fed with.

    Attributes
    ----------
    size
        ``[height, width]``, or ``[depth, height, width]`` of one window of a volume.
    resize
        ``stretch`` to the size, or ``letterbox``: keep the shape of pixels, centre, fill the rest.
    scaling
        How grey values become 0..1: ``display`` (as on a screen: modality LUT, window, MONOCHROME1 turned over),
        ``percentiles`` or ``range`` of the values after the modality LUT, both given by `bounds`.
    mean, std
        One value a channel, subtracted and divided after scaling.
    voxel_mm, overlap
        For volumes: the edge of voxels that the network was trained on, and the share by which windows overlap.
    """

    kinds: Annotated[list[ImageKind], Field(min_length=1)]
    name: str = "image"
    channels: Literal[1, 3] = 1
    size: Annotated[list[Annotated[int, Field(ge=8, le=MAX_SIDE)]], Field(min_length=2, max_length=3)]
    resize: Literal["stretch", "letterbox"] = "stretch"
    fill: Share = 0.0
    scaling: Literal["display", "percentiles", "range"] = "display"
    bounds: Annotated[list[float], Field(min_length=2, max_length=2)] | None = None
    mean: list[float] = [0.0]
    std: list[float] = [1.0]
    voxel_mm: Annotated[float, Field(gt=0, le=5)] | None = None
    overlap: Annotated[float, Field(ge=0, lt=0.9)] = 0.5

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if len(self.mean) != self.channels or len(self.std) != self.channels:
            raise ValueError(f"mean and std need {self.channels} value(s), one a channel")
        if any(value <= 0 for value in self.std):
            raise ValueError("std must be above 0")
        if (self.scaling == "display") != (self.bounds is None):
            raise ValueError("bounds belong to the scalings percentiles and range, and only to them")
        if self.bounds and self.bounds[0] >= self.bounds[1]:
            raise ValueError("the lower bound must be below the upper one")
        if math.prod(self.size) * self.channels > MAX_INPUT_VALUES:
            raise ValueError(f"an input may have {MAX_INPUT_VALUES} values at most")
        return self

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the tensor: one item, channels, then the size."""
        return (1, self.channels, *self.size)


class FcosOutput(_Part):
    """Anchor-free head: one point a cell, distances to the four sides.

    Three tensors, levels one after the other, cells row by row: class logits (1, N, C), distances left, top, right and
    bottom in units of the cell's stride (1, N, 4), and, where the head has one, a centre-ness logit (1, N, 1).
    """

    task: Literal[Task.DETECTION]
    layout: Literal["fcos"]
    strides: Annotated[list[Annotated[int, Field(ge=1, le=256)]], Field(min_length=1, max_length=8)]
    classes: str = "classes"
    distances: str = "distances"
    centreness: str | None = None
    iou: Share = 0.6
    candidates: Annotated[int, Field(ge=1, le=10_000)] = 1000

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the tensors."""
        return (self.classes, self.distances, *([self.centreness] if self.centreness else ()))


class YoloOutput(_Part):
    """YOLO-style head: one tensor of centre x, centre y, width, height (pixels of the input), [objectness], classes."""

    task: Literal[Task.DETECTION]
    layout: Literal["yolo"]
    tensor: str = "output0"
    # (1, 4 + C, N), or (1, N, 4 + C).
    order: Literal["values-first", "boxes-first"] = "values-first"
    has_objectness: bool = False
    is_logit: bool = False
    iou: Share = 0.6
    candidates: Annotated[int, Field(ge=1, le=10_000)] = 1000

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the tensors."""
        return (self.tensor,)


class ClassificationOutput(_Part):
    """One value a label (1, C)."""

    task: Literal[Task.CLASSIFICATION]
    tensor: str = "classes"
    activation: Literal["none", "sigmoid", "softmax"] = "sigmoid"

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the tensors."""
        return (self.tensor,)


class SegmentationOutput(_Part):
    """One map a label: (1, C, H, W), or (1, C, D, H, W) for a window of a volume. `sigmoid` maps may overlap.

    With `softmax` or `none`, `background` is the index of the map that is no finding; labels skip it.
    """

    task: Literal[Task.SEMANTIC_SEGMENTATION, Task.VOLUME_SEGMENTATION]
    tensor: str = "maps"
    activation: Literal["none", "sigmoid", "softmax"] = "softmax"
    background: int | None = None
    # Regions smaller than this are noise: pixels of the input, or voxels of the network's grid.
    least_size: Annotated[int, Field(ge=1)] = 16

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the tensors."""
        return (self.tensor,)


DetectionOutput = Annotated[FcosOutput | YoloOutput, Field(discriminator="layout")]
Output = DetectionOutput | ClassificationOutput | SegmentationOutput


class Code(_Part):
    """A coded concept (PS3.3 8.8)."""

    scheme: Annotated[str, Field(min_length=1, max_length=16)]
    value: Annotated[str, Field(min_length=1, max_length=64)]
    meaning: ShortText


class Label(_Part):
    """One class of the network.

    Attributes
    ----------
    index
        Its place in the class dimension of the output.
    name
        Its name in the training's annotations; `manage.py inference evaluate` matches categories by it.
    finding
        The entry of the portal's vocabulary that it is; or empty, and then `code` and `title` say what it is.
    threshold
        Scores below are no finding. Precision at it belongs in `measured`.
    is_on
        False: computed and scored, never shown (a class whose precision is not useful).
    tag_from
        Scores from here tag the study without a person (BR-31); absent: never.
    """

    index: Annotated[int, Field(ge=0, le=1000)]
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 _./-]{0,63}$")]
    finding: str = ""
    title: str = ""
    code: Code | None = None
    threshold: Share = 0.5
    is_on: bool = True
    tag_from: Share | None = None
    note: str = ""

    @model_validator(mode="after")
    def _says_what_it_is(self) -> Self:
        if self.finding and self.finding not in VOCABULARY:
            raise ValueError(f"{self.finding!r} is not in the vocabulary of findings")
        if not self.finding and not (self.code and self.title):
            raise ValueError("a label names its finding, or brings a code and a title")
        if self.tag_from is not None and self.tag_from < self.threshold:
            raise ValueError("tag_from must not lie below threshold")
        return self

    @property
    def coded(self) -> Code:
        """Its code: its own, else the vocabulary's."""
        if self.code:
            return self.code
        entry = VOCABULARY[self.finding]
        return Code(scheme=entry.scheme or CODING_SCHEME, value=entry.value, meaning=entry.title)

    @property
    def key(self) -> str:
        """The word that findings and tags carry: the vocabulary's, else one made of the name."""
        return self.finding or "".join(char if char.isalnum() else "_" for char in self.name.lower())


class MeasuredClass(_Part):
    """Figures of one class on one set."""

    AP50: Share | None = None
    boxes: Annotated[int, Field(ge=0)]
    precision: Share | None = None
    recall: Share | None = None


class Measured(_Part):
    """How good the network was, on what, and when."""

    data: ShortText
    images: Annotated[int, Field(ge=1)]
    AP50: Share | None = None
    AP50_95: Share | None = None
    other: dict[str, float] = {}
    per_class: dict[str, MeasuredClass] = {}
    note: str = ""


class Expected(_Part):
    """A finding that the golden image must give.

    `box` is [left, top, right, bottom] in pixels of the golden image, `share` the part of the image or volume that a
    region covers.
    """

    label: str
    score: Share
    box: Annotated[list[float], Field(min_length=4, max_length=4)] | None = None
    share: Share | None = None


class Golden(_Part):
    """An image and what the network must find in it, checked at every import.

    `file` is a .npy array of uint8 display values (rows, columns), or of int16 or float32 (slices, rows, columns) for
    volumes. `expected` lists every finding at or above the thresholds, also of classes that are off.
    """

    file: str = "golden.npy"
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    expected: list[Expected]
    score_tolerance: Share = 0.02
    box_tolerance: Annotated[float, Field(ge=0)] = 2.0
    spacing_mm: Annotated[list[float], Field(min_length=3, max_length=3)] | None = None


class Manifest(_Part):
    """All of `network.yaml`."""

    manifest: Literal[1]
    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,62}$")]
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+(-[0-9a-z.]{1,20})?$")]
    title: ShortText
    licence: ShortText
    supplier: Supplier
    intended_use: LongText
    not_for: LongText
    training_data: Annotated[list[TrainingData], Field(min_length=1)]
    known_limits: Annotated[list[LongText], Field(min_length=1)]
    file: str = "network.onnx"
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    card: str = "card.md"
    input: Input
    output: Output
    # How findings get tooth numbers: not at all, in the label's name, or from the place in a panoramic (approximate).
    teeth: Literal["none", "position"] = "none"
    labels: Annotated[list[Label], Field(min_length=1, max_length=200)]
    measured: list[Measured] = []
    golden: Golden

    @field_validator("file", "card")
    @classmethod
    def _is_a_plain_name(cls, value: str) -> str:
        if not value or "/" in value or "\\" in value or value.startswith("."):
            raise ValueError("must be the plain name of a file beside network.yaml")
        return value

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        for field in ("index", "name", "key"):
            counts = Counter(getattr(label, field) for label in self.labels)
            twice = [str(value) for value, count in counts.items() if count > 1]
            if twice:
                raise ValueError(f"two labels have the same {field}: {', '.join(twice)}")
        self._check_golden()
        self._check_dimensions()
        return self

    def _check_golden(self) -> None:
        names = {label.name for label in self.labels}
        unknown = sorted({expected.label for expected in self.golden.expected} - names)
        if unknown:
            raise ValueError(f"golden expects labels that do not exist: {', '.join(unknown)}")

    def _check_dimensions(self) -> None:
        is_volume = self.output.task is Task.VOLUME_SEGMENTATION
        if is_volume != (len(self.input.size) == 3):
            raise ValueError("size has three numbers for volume segmentation, and two for everything else")
        if is_volume and (self.input.voxel_mm is None or self.golden.spacing_mm is None):
            raise ValueError("a volume needs input.voxel_mm and golden.spacing_mm")
        if is_volume != (self.input.kinds == [ImageKind.CBCT]):
            raise ValueError("volume segmentation reads cbct, and nothing else does")

    @property
    def classes(self) -> int:
        """Length of the class dimension of the output: labels, and the background where there is one."""
        background = self.output.background if isinstance(self.output, SegmentationOutput) else None
        return max(*(label.index for label in self.labels), background or 0) + 1

    def label_of(self, index: int) -> Label | None:
        """Return the label at a place of the class dimension."""
        return next((label for label in self.labels if label.index == index), None)


def read_manifest(text: bytes) -> Manifest:
    """Read and check a `network.yaml`.

    Raises
    ------
    ManifestError
        That names each field that is missing or wrong.
    """
    if len(text) > MAX_MANIFEST_BYTES:
        raise ManifestError(f"network.yaml has {len(text)} bytes, at most {MAX_MANIFEST_BYTES} are read")
    try:
        data: Any = yaml.load(text, Loader=_NoAliases)  # noqa: S506  # a safe loader without aliases
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise ManifestError(f"network.yaml is not YAML{f' (line {mark.line + 1})' if mark else ''}") from None
    except (RecursionError, ValueError):
        raise ManifestError("network.yaml is not YAML that can be read") from None
    if not isinstance(data, dict):
        raise ManifestError("network.yaml must be a mapping of fields")
    try:
        return Manifest.model_validate(data)
    except ValidationError as error:
        raise ManifestError("; ".join(_said(found) for found in error.errors()[:8])) from None


def _said(found: Any) -> str:
    place = ".".join(str(part) for part in found["loc"])
    return f"{place}: {found['msg']}" if place else str(found["msg"])


class _NoAliases(yaml.SafeLoader):
    """Aliases let a short text become a huge one."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Refuse aliases."""
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.YAMLError("aliases are not read")
        return super().compose_node(parent, index)
