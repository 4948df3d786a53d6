"""The first bytes of an object: preamble, prefix, and how the data set seems to be encoded (PS3.10 7.1)."""

from typing import Final

from pacs.dicom.encoding import EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE, Encoding
from pacs.dicom.errors import NotDicomError, SuspiciousPreambleError
from pacs.dicom.transfer_syntaxes import (
    EXPLICIT_VR_BIG_ENDIAN,
    EXPLICIT_VR_LITTLE_ENDIAN,
    IMPLICIT_VR_LITTLE_ENDIAN,
    TRANSFER_SYNTAXES,
    TransferSyntax,
)
from pacs.dicom.values import KNOWN_VRS

_PREAMBLE: Final = 128
_PREFIX: Final = b"DICM"

SIZE: Final = _PREAMBLE + len(_PREFIX)
ELEMENT_SIZE: Final = 8

# A file that is also a program, an archive, a script or a page acts as such once it is saved under another name
# (CVE-2019-11687). A preamble has no other use than to be also a TIFF (PS3.10 7.1).
_SUSPICIOUS = (
    b"MZ", b"\x7fELF", b"\xfe\xed\xfa", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xca\xfe\xba\xbe",
    b"PK", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ",
    b"#!", b"<", b"%PDF", b"%!PS", b"{\\rtf",
)  # fmt: skip
_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")

# Groups with which a data set without file meta information begins.
_FIRST_GROUPS = range(0x0004, 0x0030, 2)


def has_prefix(start: bytes) -> bool:
    """Tell whether DICM follows a preamble, and is not by chance part of a data set without one."""
    return start[_PREAMBLE:] == _PREFIX and not (start[1] == 0 and start[0] in _FIRST_GROUPS and _has_vr(start))


def judge_preamble(start: bytes) -> str | None:
    """Say what the preamble is.

    Returns
    -------
    str or None
        None if it is empty, else ``"tiff"`` or ``"unknown"``.

    Raises
    ------
    SuspiciousPreambleError
        If it begins like something that a computer would run, unpack or show.
    """
    preamble = start[:_PREAMBLE]
    text = preamble.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n\f")
    if text.startswith(_SUSPICIOUS):
        raise SuspiciousPreambleError("the preamble is that of another kind of file", offset=0)
    if not any(preamble):
        return None
    return "tiff" if preamble.startswith(_TIFF) else "unknown"


def is_file_meta(start: bytes) -> bool:
    """Tell whether a file without preamble begins with its file meta information."""
    return start[:2] == b"\x02\0" and _has_vr(start)


def guess_transfer_syntax(start: bytes) -> TransferSyntax:
    """Recognise the encoding of a data set by its first element.

    Raises
    ------
    NotDicomError
        If it does not look like one.
    """
    if int.from_bytes(start[:2], "little") in _FIRST_GROUPS:
        return TRANSFER_SYNTAXES[EXPLICIT_VR_LITTLE_ENDIAN if _has_vr(start) else IMPLICIT_VR_LITTLE_ENDIAN]
    if int.from_bytes(start[:2], "big") in _FIRST_GROUPS and _has_vr(start):
        return TRANSFER_SYNTAXES[EXPLICIT_VR_BIG_ENDIAN]
    raise NotDicomError("neither a preamble with DICM nor a data set was found", offset=0)


def encoding_of(syntax: TransferSyntax, start: bytes) -> Encoding:
    """Choose the encoding of a data set; devices declare explicit syntaxes for implicit data sets, and the reverse.

    Parameters
    ----------
    start
        The first element, which shows whether value representations are written.
    """
    if not syntax.is_little:
        return EXPLICIT_BIG
    if syntax.is_implicit:
        return EXPLICIT_LITTLE if _has_vr(start) else IMPLICIT_LITTLE
    return EXPLICIT_LITTLE if start[4:6].isalpha() else IMPLICIT_LITTLE


def _has_vr(start: bytes) -> bool:
    return start[4:6].decode("latin-1") in KNOWN_VRS
