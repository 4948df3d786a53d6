"""What the figures mean, and what DESIGN part 6 asks of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Scale(StrEnum):
    """Which limit of the machine a figure moves with, when it is carried from one machine to another."""

    CPU = "sha256"
    DISK = "files_fsynced"


# The machine on which Orthanc 1.13 was measured, in MB/s.
ANCHOR_LIMITS = {Scale.CPU: 2200.0, Scale.DISK: 1600.0}


@dataclass(frozen=True)
class Metric:
    """One figure.

    Attributes
    ----------
    is_rate
        More is better; else less is.
    must
        How many times as good as Orthanc at least; None where nothing is asked.
    must_reach
        A bound of its own, in the metric's unit.
    anchor
        Orthanc 1.13 with SQLite on a quiet machine of two cores.
    scale
        The limit by which the anchor is carried to another machine; None where it is the same on all.
    is_held_to_anchor
        Whether `must` is asked of the anchor too: not where the peer that can be installed is as good (decision 0101).
    """

    name: str
    title: str
    unit: str
    is_rate: bool = False
    must: float | None = None
    must_reach: float | None = None
    anchor: float | None = None
    scale: Scale | None = Scale.CPU
    is_held_to_anchor: bool = True

    def ratio(self, ours: float, other: float) -> float:
        """Return how many times as good ours is."""
        return ours / other if self.is_rate else other / ours

    def anchor_here(self, limits: Mapping[str, float]) -> float | None:
        """Return what Orthanc 1.13 would reach on this machine, by the limit that the figure moves with."""
        if self.anchor is None or self.scale is None:
            return self.anchor
        speed = limits[self.scale] / ANCHOR_LIMITS[self.scale]
        return self.anchor * speed if self.is_rate else self.anchor / speed


METRICS = (
    Metric("stow_one", "STOW-RS, one request", "MB/s", is_rate=True, must=1.0, anchor=161, scale=Scale.DISK),
    Metric("stow_four", "STOW-RS, 25 x 16, four at once", "MB/s", is_rate=True, must=0.8, anchor=335, scale=Scale.DISK),
    Metric("tiny", "tiny studies, 50 a request, four at once", "studies/s", is_rate=True, must=1.0, anchor=500),
    Metric("metadata_at_once", "series metadata, right after storing", "ms"),
    Metric("metadata_first", "series metadata, first time", "ms", must=5.0, anchor=330),
    Metric("metadata_again", "series metadata, again", "ms", must=1.0, anchor=8.6),
    Metric("metadata_kb", "series metadata, size", "kB"),
    Metric("frame", "one frame, p50", "ms", must=0.8, anchor=1.05),
    Metric("frames_8", "frames on 8 connections", "frames/s", is_rate=True, must=0.8, anchor=1450),
    Metric("volume", "whole volume on 6 connections", "s", must=1.0, anchor=0.275),
    Metric("series", "whole series", "MB/s", is_rate=True, must=1.0, anchor=582),
    Metric("zip", "ZIP, stored", "MB/s", is_rate=True, must=10.0, anchor=36),
    Metric("zip_first_byte", "ZIP, first byte", "ms", anchor=25),
    Metric("zip_deflated", "ZIP, deflated", "MB/s", is_rate=True, must=3.0, anchor=36),
    Metric("delete", "DELETE of a study", "ms"),
    Metric(
        "cstore_1",
        "C-STORE, 1 association",
        "instances/s",
        is_rate=True,
        must=0.9,
        anchor=288,
        is_held_to_anchor=False,
    ),
    Metric(
        "cstore_4",
        "C-STORE, 4 associations",
        "instances/s",
        is_rate=True,
        must=0.9,
        anchor=479,
        is_held_to_anchor=False,
    ),
    Metric("multi_frame", "multi-frame, first frame after ingest", "ms", must=10.0, anchor=473),
    Metric("multi_frame_memory", "multi-frame, peak memory", "MB", anchor=1100, scale=None),
    Metric("viewable", "lies ready after its last instance, another arriving", "s", must_reach=5.0),
    Metric("viewer_planes", "viewer on a desktop, three planes answer", "s", must_reach=1.5, anchor=7.6),
    Metric("viewer_full", "viewer on a desktop, whole volume", "s", must_reach=8.0, anchor=30),
    Metric("viewer_phone", "viewer on a phone, planes answer", "s", must_reach=3.0, anchor=16, scale=None),
    Metric("viewer_phone_slice", "viewer on a phone, slice in view at full resolution", "s"),
    Metric("viewer_phone_mb", "viewer on a phone, loaded until then", "MB"),
    Metric("viewer_phone_all_mb", "viewer on a phone, loaded in all, half the resolution included", "MB"),
    Metric("qido_uid", "QIDO by StudyInstanceUID", "ms", must_reach=3.0),
    Metric("qido_patient", "QIDO by PatientID", "ms", must_reach=3.0),
    Metric("qido_name", "QIDO by name", "ms", must=3.0),
    Metric("qido_date", "QIDO by a month of dates", "ms", must=3.0),
    Metric("qido_modality", "QIDO by modality", "ms", must=3.0),
    Metric("qido_page", "QIDO, a page of 101 studies", "ms", must=3.0),
    Metric("memory", "peak memory of all processes", "MB", must=1.0, anchor=780, scale=None),
)
