"""Why an object is refused: one stable code each, safe to show to anybody."""

from typing import ClassVar

from common.errors import DomainError


class DicomError(DomainError):
    """An object, or a question about one, that this package refuses."""

    code = "dicom"
    title = "This DICOM object cannot be used."


class ScanError(DicomError):
    """The scan refuses an object; the text names tag, offset and expectation, never a value of the object.

    Parameters
    ----------
    detail
        What was found and what was expected.
    tag
        The element concerned, as ``0xGGGGEEEE``.
    offset
        Where it lies, in bytes from the start of the object (of its inflated form for deflated syntaxes).
    """

    code = "dicom-malformed"
    title = "This is not a well-formed DICOM object."

    def __init__(self, detail: str, *, tag: int | None = None, offset: int | None = None) -> None:
        self.tag = tag
        self.offset = offset
        element = "" if tag is None else f"({tag >> 16:04X},{tag & 0xFFFF:04X}) "
        place = "" if offset is None else f" (byte {offset})"
        super().__init__(f"{element}{detail}{place}")


class MalformedError(ScanError):
    """The encoding contradicts PS3.5."""


class NotDicomError(ScanError):
    """Neither a DICOM file (PS3.10) nor a bare data set."""

    code = "not-dicom"
    title = "This is not a DICOM file."


class SuspiciousPreambleError(ScanError):
    """The preamble begins like a program, an archive, a script or a page."""

    code = "suspicious-preamble"
    title = "The file also looks like a program, an archive, a script or a page."


class TruncatedError(ScanError):
    """The object ends before it is whole."""

    code = "truncated"
    title = "The object is incomplete: its end is missing."


class LimitExceededError(ScanError):
    """A bound of the scan is exceeded: the object is hostile or not meant for this system."""

    code = "limit-exceeded"
    title = "The object exceeds a limit of the portal."
    status: ClassVar[int] = 413


class UnsupportedTransferSyntaxError(ScanError):
    """The transfer syntax is unknown, or not one for stored objects."""

    code = "unsupported-transfer-syntax"
    title = "The transfer syntax of the object is not supported."


class UidError(ScanError):
    """A UID that identifies the object is absent or not a UID (PS3.5 9.1)."""

    code = "bad-uid"
    title = "The object is not identified by valid UIDs."


class DirectoryError(ScanError):
    """A DICOMDIR: it lists objects and is none itself (PS3.3 F)."""

    code = "dicomdir"
    title = "This is the directory of a medium, not an image or document."


class ImageAttributeError(ScanError):
    """An attribute that describes the pixels is absent or impossible (PS3.3 C.7.6.3)."""

    code = "bad-image-attribute"
    title = "The image is not described completely."


class PixelDataMissingError(ScanError):
    """An image without pixel data."""

    code = "pixel-data-missing"
    title = "The image has no pixel data."


class PixelDataSizeError(ScanError):
    """The pixel data is shorter than the image it should hold."""

    code = "pixel-data-too-short"
    title = "The pixel data is shorter than the image."


class FragmentsError(ScanError):
    """Fragments, offset table and number of frames contradict each other (PS3.5 A.4)."""

    code = "fragments-inconsistent"
    title = "The compressed frames contradict their table of offsets."


class FrameNotFoundError(DicomError):
    """The object has no frame of that number."""

    code = "frame-not-found"
    title = "The image has no frame of that number."
    status = 404
