"""The scan: the only way in for bytes from outside (PS3.10 7, security design part 8).

Chunks are pushed as they arrive. The header becomes the DICOM JSON model in the same pass; of the pixel data only the
headers of fragments are looked at. At most the header is kept in memory.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pacs.dicom import json_model, opening, pixels, sop_classes
from pacs.dicom.elements import BulkValue, ElementStart
from pacs.dicom.encoding import EXTENDED_LENGTHS, EXTENDED_OFFSETS, FILE_META, PIXEL_DATA
from pacs.dicom.errors import (
    DirectoryError,
    FragmentsError,
    PixelDataMissingError,
    TruncatedError,
    UidError,
    UnsupportedTransferSyntaxError,
)
from pacs.dicom.fragments import FragmentWalker, OffsetTables
from pacs.dicom.frames import FrameIndex
from pacs.dicom.header import DataSetParser
from pacs.dicom.inflate import Inflater
from pacs.dicom.limits import DEFAULT_LIMITS, Limits
from pacs.dicom.transfer_syntaxes import TRANSFER_SYNTAXES, TransferSyntax
from pacs.dicom.uids import is_valid_uid


@dataclass(frozen=True, slots=True)
class Head:
    """All of an object but its pixels.

    Attributes
    ----------
    json
        The DICOM JSON model (PS3.18 F.2), without groups 0002 and group lengths. Binary values above 1 KiB and the
        pixel data are ``{"vr": .., "BulkDataURI": "bulkdata/<path>"}``, a reference relative to the instance. Elements
        behind the pixel data are added when they are read.
    bulk
        Where the values lie that `json` refers to (the pixel data excepted).
    preamble_note
        None for a preamble of zeros, or none; else ``"tiff"`` or ``"unknown"``.
    """

    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str
    sop_class_uid: str
    transfer_syntax_uid: str
    json: dict[str, Any]
    bulk: list[BulkValue]
    preamble_note: str | None


@dataclass(frozen=True, slots=True)
class PixelData:
    """The pixel data element; offsets count from the start of the object, or of its inflated form if deflated.

    Attributes
    ----------
    length
        None for encapsulated pixel data.
    number_of_frames
        As the object says.
    index
        Where the frames lie; one entry for all frames of a video.
    """

    tag: int
    vr: str
    offset: int
    length: int | None
    is_encapsulated: bool
    number_of_frames: int
    index: FrameIndex


@dataclass(frozen=True, slots=True)
class Scan:
    """What the scan found out about a whole object."""

    head: Head
    size_bytes: int
    pixel: PixelData | None


_Stage = Callable[["Scanner", memoryview], memoryview]


class Scanner:
    """Scan one object pushed in chunks.

    Parameters
    ----------
    limits
        What is refused.

    Attributes
    ----------
    head
        Known as soon as the pixel data begins; for objects without, after `finish`.
    """

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self.head: Head | None = None
        self._limits = limits
        self._size = 0
        self._gathered = b""
        self._preamble_note: str | None = None
        self._meta: DataSetParser | None = None
        self._syntax: TransferSyntax | None = None
        self._inflater: Inflater | None = None
        self._dataset: DataSetParser | None = None
        self._native_left = 0
        self._walker: FragmentWalker | None = None
        self._pixel: PixelData | None = None
        # A function: a method of this very scanner would be a cycle, and all that it read would wait for the collector.
        self._stage: _Stage = Scanner._read_beginning

    def feed(self, chunk: bytes | memoryview) -> None:
        """Read on.

        Raises
        ------
        ScanError
            If the object is refused; the scanner is of no use afterwards.
        """
        self._size += len(chunk)
        if self._inflater is None:
            self._consume(memoryview(chunk))
        else:
            self._inflate(self._inflater, memoryview(chunk))

    def finish(self) -> Scan:
        """Judge the object as a whole.

        Raises
        ------
        ScanError
            If it is refused.
        """
        if self._inflater is not None:
            self._inflater.finish(self._size)
        if self._native_left or (self._walker is not None and not self._walker.is_done):
            raise TruncatedError("the object ends inside the pixel data", offset=self._size)
        if self._dataset is None:
            raise TruncatedError("the object ends before its data set", offset=self._size)
        self._dataset.finish()
        if self.head is None:
            self.head = self._make_head(self._dataset)
            _check_needs_no_pixels(self.head)
        return Scan(head=self.head, size_bytes=self._size, pixel=self._pixel)

    # --- stages: each reads what it can and returns the rest ----------------------------------------------------------

    def _consume(self, view: memoryview) -> None:
        while len(view):
            view = self._stage(self, view)

    def _inflate(self, inflater: Inflater, view: memoryview) -> None:
        for block in inflater.feed(view):
            self._consume(memoryview(block))

    def _gather(self, view: memoryview, size: int) -> tuple[bytes | None, memoryview]:
        """Look at the next `size` bytes without reading them; None until they are here."""
        if not self._gathered and len(view) >= size:
            return bytes(view[:size]), view
        self._gathered += bytes(view)
        if len(self._gathered) < size:
            return None, view[:0]
        joined, self._gathered = self._gathered, b""
        return joined[:size], memoryview(joined)

    def _read_beginning(self, view: memoryview) -> memoryview:
        """Read preamble and prefix (PS3.10 7.1), or recognise a file that has none."""
        start, view = self._gather(view, opening.SIZE)
        if start is None:
            return view
        if opening.has_prefix(start):
            self._preamble_note = opening.judge_preamble(start)
            self._begin_meta(opening.SIZE)
            return view[opening.SIZE :]
        if opening.is_file_meta(start):
            self._begin_meta(0)
        else:
            self._begin_dataset(opening.guess_transfer_syntax(start), start, 0)
        return view

    def _begin_meta(self, position: int) -> None:
        self._meta = DataSetParser(limits=self._limits, encoding=FILE_META, position=position)
        self._stage = Scanner._read_meta

    def _read_meta(self, view: memoryview) -> memoryview:
        assert self._meta is not None
        rest = self._meta.feed(view)
        if not self._meta.is_done:
            return rest
        if json_model.get_str(self._meta.attributes, "MediaStorageSOPClassUID") == sop_classes.MEDIA_STORAGE_DIRECTORY:
            raise DirectoryError("the object is a DICOMDIR", tag=0x00020002)
        self._stage = Scanner._read_first_element
        if not self._is_deflated(self._meta):
            return rest
        self._inflater = Inflater(limit=self._limits.inflated_bytes)
        self._inflate(self._inflater, rest)
        return rest[:0]

    def _is_deflated(self, meta: DataSetParser) -> bool:
        """Look up the transfer syntax; a file that names none is read as what it looks like."""
        uid = json_model.get_str(meta.attributes, "TransferSyntaxUID")
        if uid and uid not in TRANSFER_SYNTAXES:
            raise UnsupportedTransferSyntaxError("is none of the transfer syntaxes of stored objects", tag=0x00020010)
        self._syntax = TRANSFER_SYNTAXES.get(uid)
        return self._syntax is not None and self._syntax.is_deflated

    def _read_first_element(self, view: memoryview) -> memoryview:
        assert self._meta is not None
        start, view = self._gather(view, opening.ELEMENT_SIZE)
        if start is not None:
            syntax = self._syntax or opening.guess_transfer_syntax(start)
            self._begin_dataset(syntax, start, self._meta.position)
        return view

    def _begin_dataset(self, syntax: TransferSyntax, start: bytes, position: int) -> None:
        self._syntax = syntax
        encoding = opening.encoding_of(syntax, start)
        self._dataset = DataSetParser(limits=self._limits, encoding=encoding, position=position)
        self._stage = Scanner._read_dataset

    def _read_dataset(self, view: memoryview) -> memoryview:
        assert self._dataset is not None
        rest = self._dataset.feed(view)
        if self._dataset.is_done and self._dataset.pixel is not None:
            self.head = self._make_head(self._dataset)
            self._begin_pixels(self._dataset, self._dataset.pixel)
        return rest

    def _begin_pixels(self, dataset: DataSetParser, element: ElementStart) -> None:
        assert self._syntax is not None
        layout = pixels.layout_of(dataset.attributes, self._limits)
        is_encapsulated = self._syntax.is_encapsulated and element.tag == PIXEL_DATA
        if is_encapsulated != (element.length is None):
            raise FragmentsError(
                "is native where fragments were expected" if is_encapsulated else "has fragments in a native syntax",
                tag=element.tag,
                offset=element.offset,
            )
        if element.length is None:
            self._walker = FragmentWalker(limits=self._limits, position=element.offset)
            self._stage = Scanner._walk
            return
        pixels.check_native_length(layout, element.length, tag=element.tag, offset=element.offset)
        index = FrameIndex(element.offset, layout.number_of_frames, layout.frame_bits)
        self._pixel = _pixel_data(element, layout, index)
        self._native_left = element.length
        self._stage = Scanner._pass_native

    def _pass_native(self, view: memoryview) -> memoryview:
        assert self._pixel is not None
        size = min(self._native_left, len(view))
        self._native_left -= size
        if not self._native_left:
            self._resume(self._pixel.offset + (self._pixel.length or 0))
        return view[size:]

    def _walk(self, view: memoryview) -> memoryview:
        assert self._walker is not None
        rest = self._walker.feed(view)
        if self._walker.is_done:
            self._index_fragments(self._walker)
            self._resume(self._walker.position)
        return rest

    def _index_fragments(self, walker: FragmentWalker) -> None:
        assert self._dataset is not None
        assert self._dataset.pixel is not None
        assert self._syntax is not None
        layout = pixels.layout_of(self._dataset.attributes, self._limits)
        kept = self._dataset.kept
        tables = OffsetTables(kept.get(EXTENDED_OFFSETS, b""), kept.get(EXTENDED_LENGTHS, b""))
        index = walker.index(1 if self._syntax.is_video else layout.number_of_frames, tables)
        self._pixel = _pixel_data(self._dataset.pixel, layout, index)

    def _resume(self, position: int) -> None:
        assert self._dataset is not None
        self._dataset.resume(position)
        self._stage = Scanner._read_dataset

    def _make_head(self, dataset: DataSetParser) -> Head:
        assert self._syntax is not None
        pixels.check_frames(dataset.attributes, self._limits)
        return Head(
            study_instance_uid=_uid(dataset.attributes, "StudyInstanceUID"),
            series_instance_uid=_uid(dataset.attributes, "SeriesInstanceUID"),
            sop_instance_uid=_uid(dataset.attributes, "SOPInstanceUID"),
            sop_class_uid=_uid(dataset.attributes, "SOPClassUID"),
            transfer_syntax_uid=self._syntax.uid,
            json=dataset.attributes,
            bulk=dataset.bulk,
            preamble_note=self._preamble_note,
        )


def _uid(attributes: dict[str, Any], keyword: str) -> str:
    uid = json_model.get_str(attributes, keyword)
    if not is_valid_uid(uid):
        found = "is not a UID" if uid else "is absent"
        raise UidError(f"{keyword} {found}", tag=int(json_model.tag_of(keyword), 16))
    return uid


def _pixel_data(element: ElementStart, layout: pixels.PixelLayout, index: FrameIndex) -> PixelData:
    return PixelData(
        tag=element.tag,
        vr=element.vr,
        offset=element.offset,
        length=element.length,
        is_encapsulated=element.length is None,
        number_of_frames=layout.number_of_frames,
        index=index,
    )


def _check_needs_no_pixels(head: Head) -> None:
    """Refuse an image that ends before its pixel data, also one of an unknown SOP class."""
    describes_pixels = all(json_model.tag_of(keyword) in head.json for keyword in ("Rows", "Columns", "BitsAllocated"))
    if describes_pixels or sop_classes.is_image(head.sop_class_uid):
        raise PixelDataMissingError("an image must have pixel data", tag=PIXEL_DATA)
