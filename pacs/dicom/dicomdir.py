"""The directory of a medium: a DICOMDIR written from headers alone (PS3.10 8, PS3.3 F).

Nothing is copied or read again: names are given to the files first, so that an archive can stream them, and the
directory comes last.
"""

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any, Final

from common.ids import uuid7
from pacs.dicom.dictionary import tag_of
from pacs.dicom.implementation import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from pacs.dicom.json_model import Attributes, get_str
from pacs.dicom.sop_classes import MEDIA_STORAGE_DIRECTORY, is_image
from pacs.dicom.transfer_syntaxes import EXPLICIT_VR_LITTLE_ENDIAN
from pacs.dicom.uids import uid_from_uuid
from pacs.dicom.values import LONG_VRS

FileId = tuple[str, ...]

_IN_USE: Final = 0xFFFF
_UTF_8: Final = "ISO_IR 192"

# Keys of each record type that PS3.3 F.5 requires; F.5 also allows others.
_KEYS: Final = {
    "PATIENT": ("PatientName", "PatientID", "PatientBirthDate", "PatientSex"),
    "STUDY": ("StudyDate", "StudyTime", "AccessionNumber", "StudyDescription", "StudyInstanceUID", "StudyID"),
    "SERIES": ("Modality", "SeriesDescription", "SeriesInstanceUID", "SeriesNumber"),
    "IMAGE": ("InstanceNumber",),
    "SR DOCUMENT": (
        "ContentDate",
        "ContentTime",
        "InstanceNumber",
        "VerificationDateTime",
        "ConceptNameCodeSequence",
        "CompletionFlag",
        "VerificationFlag",
    ),
    "KEY OBJECT DOC": ("ContentDate", "ContentTime", "InstanceNumber", "ConceptNameCodeSequence"),
    "PRESENTATION": (
        "InstanceNumber",
        "PresentationCreationDate",
        "PresentationCreationTime",
        "ContentLabel",
        "ContentDescription",
        "ContentCreatorName",
    ),
    "ENCAP DOC": (
        "ContentDate",
        "ContentTime",
        "InstanceNumber",
        "ConceptNameCodeSequence",
        "DocumentTitle",
        "MIMETypeOfEncapsulatedDocument",
    ),
    "WAVEFORM": ("ContentDate", "ContentTime", "InstanceNumber"),
    "RAW DATA": ("ContentDate", "ContentTime", "InstanceNumber"),
    "PRIVATE": ("InstanceNumber",),
}

# Present whenever they have a value (type 1C); the others are written empty where the object has none.
_ONLY_WITH_VALUE: Final = frozenset({"VerificationDateTime", "SeriesDescription", "PatientBirthDate", "PatientSex"})

# Type 1 numbers that devices leave out; a directory must have them.
_NUMBERS: Final = frozenset({"StudyID", "SeriesNumber", "InstanceNumber"})

# Record types by the beginning of the SOP Class UID (PS3.3 F.4); the first that fits.
_STORAGE: Final = "1.2.840.10008.5.1.4.1.1."
_TYPES: Final = (
    (_STORAGE + "88.59", "KEY OBJECT DOC"),
    (_STORAGE + "88.", "SR DOCUMENT"),
    (_STORAGE + "11.", "PRESENTATION"),
    (_STORAGE + "104.", "ENCAP DOC"),
    (_STORAGE + "9.", "WAVEFORM"),
)
_RAW_DATA: Final = _STORAGE + "66"


@dataclass(frozen=True, slots=True)
class DirectoryEntry:
    """One file of the medium.

    Attributes
    ----------
    attributes
        Its header as DICOM JSON model.
    file_id
        Components of its path, as `assign_file_ids` gives them.
    """

    attributes: Attributes
    transfer_syntax_uid: str
    file_id: FileId


@dataclass(slots=True)
class _Record:
    type: str
    attributes: Attributes
    number: int
    file: DirectoryEntry | None = None
    children: dict[str, "_Record"] = field(default_factory=dict)
    keys: bytes = b""
    offset: int = 0


def assign_file_ids(instances: Iterable[Attributes]) -> list[FileId]:
    """Name files by patient, study, series and instance: ``DICOM/PT000000/ST000000/SE000000/IM000000`` (PS3.10 8.2).

    Returns
    -------
    list of tuple of str
        In the order of the instances; a patient is a pair of PatientID and name.
    """
    root = _Record("", {}, 0)
    file_ids: list[FileId] = []
    for attributes in instances:
        path = _place(root, attributes)
        prefixes = ("PT", "ST", "SE", "IM")
        file_ids.append(("DICOM", *(f"{prefix}{step.number:06d}" for prefix, step in zip(prefixes, path, strict=True))))
    return file_ids


def build_dicomdir(entries: Sequence[DirectoryEntry], *, file_set_id: str = "BITEWING") -> bytes:
    """Write the directory of a file-set.

    Parameters
    ----------
    entries
        Any number of patients, in any order.
    file_set_id
        (0004,1130), at most 16 characters.

    Returns
    -------
    bytes
        A complete Part 10 file in Explicit VR Little Endian, to be named ``DICOMDIR`` in the root.
    """
    root = _Record("", {}, 0)
    for entry in entries:
        _place(root, entry.attributes)[-1].file = entry
    meta = _file_meta()
    # In front of the first record: identification, two offsets, a flag and the header of the sequence (PS3.3 F.3).
    identification = _text(0x00041130, "CS", file_set_id)
    start = len(meta) + len(identification) + 2 * 12 + 10 + 12
    records = list(_walk(root))
    end = _lay_out(records, start)
    patients = list(root.children.values())
    first, last = (patients[0].offset, patients[-1].offset) if patients else (0, 0)
    return b"".join(
        [
            meta,
            identification,
            _number(0x00041200, "UL", first),
            _number(0x00041202, "UL", last),
            _number(0x00041212, "US", 0),
            _header(0x00041220, "SQ", end - start),
            *_written(root),
        ]
    )


def _place(root: _Record, attributes: Attributes) -> list[_Record]:
    """Find or make the records of an instance: patient, study, series, instance."""
    patient = f"{get_str(attributes, 'PatientID')}\\{get_str(attributes, 'PatientName')}"
    sop_class_uid = get_str(attributes, "SOPClassUID")
    levels = (
        ("PATIENT", patient),
        ("STUDY", get_str(attributes, "StudyInstanceUID")),
        ("SERIES", get_str(attributes, "SeriesInstanceUID")),
        (record_type(sop_class_uid), get_str(attributes, "SOPInstanceUID")),
    )
    path = []
    record = root
    for kind, key in levels:
        child = record.children.get(key)
        if child is None:
            child = record.children[key] = _Record(kind, attributes, len(record.children))
        path.append(child)
        record = child
    return path


def record_type(sop_class_uid: str) -> str:
    """Name the directory record type of a storage SOP class (PS3.3 F.4)."""
    if is_image(sop_class_uid):
        return "IMAGE"
    if sop_class_uid == _RAW_DATA:
        return "RAW DATA"
    return next((kind for prefix, kind in _TYPES if sop_class_uid.startswith(prefix)), "PRIVATE")


def _walk(record: _Record) -> Iterator[_Record]:
    for child in record.children.values():
        yield child
        yield from _walk(child)


def _lay_out(records: Iterable[_Record], start: int) -> int:
    """Encode the keys of each record and give it its offset: they do not depend on each other's offsets."""
    offset = start
    for record in records:
        record.keys = _keys(record)
        record.offset = offset
        offset += 8 + 2 * 12 + 10 + len(record.keys)
    return offset


def _written(record: _Record) -> Iterator[bytes]:
    children = list(record.children.values())
    for child, following in zip_longest(children, children[1:]):
        grandchild = next(iter(child.children.values()), None)
        body = b"".join(
            [
                _number(0x00041400, "UL", following.offset if following else 0),
                _number(0x00041410, "US", _IN_USE),
                _number(0x00041420, "UL", grandchild.offset if grandchild else 0),
                child.keys,
            ]
        )
        yield struct.pack("<HHI", 0xFFFE, 0xE000, len(body)) + body
        yield from _written(child)


def _keys(record: _Record) -> bytes:
    """Encode the type, the reference to the file and the keys of a record, in order of their tags."""
    parts = [_text(0x00041430, "CS", record.type)]
    if record.type == "PRIVATE":
        parts.append(_text(0x00041432, "UI", get_str(record.attributes, "SOPClassUID")))
    if record.file is not None:
        parts += [
            _text(0x00041500, "CS", "\\".join(record.file.file_id)),
            _text(0x00041510, "UI", get_str(record.attributes, "SOPClassUID")),
            _text(0x00041511, "UI", get_str(record.attributes, "SOPInstanceUID")),
            _text(0x00041512, "UI", record.file.transfer_syntax_uid),
        ]
    keys = b"".join(_elements(record))
    if not keys.isascii():
        parts.append(_text(0x00080005, "CS", _UTF_8))
    return b"".join([*parts, keys])


def _elements(record: _Record) -> Iterator[bytes]:
    for tag, keyword in sorted((tag_of(keyword), keyword) for keyword in _KEYS[record.type]):
        attribute = record.attributes.get(tag) or {}
        has_value = bool(attribute.get("Value"))
        if not has_value and keyword in _NUMBERS:
            attribute = {"Value": [record.number + 1]}
        elif not has_value and keyword in _ONLY_WITH_VALUE:
            continue
        yield _element(tag, {"vr": _VRS[keyword], "Value": attribute.get("Value")})


_VRS: Final = {
    **dict.fromkeys(("StudyDate", "ContentDate", "PresentationCreationDate"), "DA"),
    **dict.fromkeys(("StudyTime", "ContentTime", "PresentationCreationTime"), "TM"),
    **dict.fromkeys(("PatientName", "ContentCreatorName"), "PN"),
    **dict.fromkeys(("PatientID", "StudyDescription", "ContentDescription", "MIMETypeOfEncapsulatedDocument"), "LO"),
    **dict.fromkeys(("StudyID", "AccessionNumber"), "SH"),
    **dict.fromkeys(("SeriesNumber", "InstanceNumber"), "IS"),
    **dict.fromkeys(("Modality", "ContentLabel", "CompletionFlag", "VerificationFlag"), "CS"),
    **dict.fromkeys(("StudyInstanceUID", "SeriesInstanceUID"), "UI"),
    "PatientBirthDate": "DA",
    "PatientSex": "CS",
    "SeriesDescription": "LO",
    "VerificationDateTime": "DT",
    "DocumentTitle": "ST",
    "ConceptNameCodeSequence": "SQ",
}
# What may stand in a coded entry (PS3.3 table 8.8-1); anything else there has no place in a directory.
_CODED_VRS: Final = frozenset({"SH", "LO", "UI", "CS", "DT", "UC", "UR", "LT", "ST", "UT"})
# No value of a directory needs more; devices write names of any length.
_MAX_CHARACTERS: Final = 1024


# --- encoding (PS3.5 7.1.2) -------------------------------------------------------------------------------------------


def _file_meta() -> bytes:
    elements = b"".join(
        [
            _header(0x00020001, "OB", 2) + b"\0\1",
            _text(0x00020002, "UI", MEDIA_STORAGE_DIRECTORY),
            _text(0x00020003, "UI", uid_from_uuid(uuid7())),
            _text(0x00020010, "UI", EXPLICIT_VR_LITTLE_ENDIAN),
            _text(0x00020012, "UI", IMPLEMENTATION_CLASS_UID),
            _text(0x00020013, "SH", IMPLEMENTATION_VERSION_NAME),
        ]
    )
    return bytes(128) + b"DICM" + _number(0x00020000, "UL", len(elements)) + elements


def _header(tag: int, vr: str, length: int) -> bytes:
    if vr in LONG_VRS:
        return struct.pack("<HH2sHI", tag >> 16, tag & 0xFFFF, vr.encode(), 0, length)
    return struct.pack("<HH2sH", tag >> 16, tag & 0xFFFF, vr.encode(), length)


def _number(tag: int, vr: str, value: int) -> bytes:
    raw = struct.pack("<I" if vr == "UL" else "<H", value)
    return _header(tag, vr, len(raw)) + raw


def _text(tag: int, vr: str, value: str) -> bytes:
    raw = value[:_MAX_CHARACTERS].encode()
    raw += (b"\0" if vr == "UI" else b" ") * (len(raw) % 2)
    return _header(tag, vr, len(raw)) + raw


def _element(tag: str, attribute: dict[str, Any]) -> bytes:
    """Encode an attribute of the JSON model whose values are texts, names or items."""
    vr, values = attribute["vr"], attribute.get("Value") or []
    if vr != "SQ":
        return _text(int(tag, 16), vr, "\\".join(map(_as_text, values)))
    items = [
        b"".join(_element(key, item[key]) for key in sorted(item) if item[key]["vr"] in _CODED_VRS) for item in values
    ]
    body = b"".join(struct.pack("<HHI", 0xFFFE, 0xE000, len(item)) + item for item in items)
    return _header(int(tag, 16), "SQ", len(body)) + body


def _as_text(value: Any) -> str:
    if isinstance(value, dict):
        return "=".join(value.get(group, "") for group in ("Alphabetic", "Ideographic", "Phonetic")).rstrip("=")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value)
