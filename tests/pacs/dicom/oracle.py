"""A second opinion: pydicom's JSON of an object, brought to the form in which both must agree."""

import io
import logging
import warnings
import zlib
from pathlib import Path
from typing import Any

from pydicom import config, dcmread

from pacs.dicom import errors
from pacs.dicom.file_meta import data_set_offset
from tests.pacs.dicom.encoded import scan

_PIXELS = frozenset({"7FE00008", "7FE00009", "7FE00010"})

# pydicom leaves the escape sequences of GB 2312 in the text.
_ESCAPES_KEPT = "chrGB2312.dcm"
# pydicom reads unknown elements of big endian objects as big endian; PS3.5 6.2.2 says little endian.
_UNKNOWN_IN_BIG_ENDIAN = "CTImage.dcm_BigEndianExplicitTransferSyntax_1.2.840.10008.1.2.2.dcm"
DIFFERENT = frozenset({_ESCAPES_KEPT, _UNKNOWN_IN_BIG_ENDIAN})


def files_of(folder: Path, *, every: int = 1) -> list[Path]:
    """List the objects below a folder, or every n-th of them."""
    found = sorted(
        path for path in folder.rglob("*") if path.is_file() and path.suffix not in {".tsv", ".txt", ".json"}
    )
    return found[::every]


def verdict_of(path: Path) -> str:
    """Scan a file: "stored", or the code of the refusal."""
    try:
        scan(path.read_bytes(), chunk=1 << 16)
    except errors.ScanError as refusal:
        return refusal.code
    return "stored"


def disagreements(paths: list[Path]) -> dict[str, list[str]]:
    """Name the attributes of accepted files which pydicom reads otherwise."""
    accepted = [path for path in paths if verdict_of(path) == "stored" and path.name not in DIFFERENT]
    assert accepted
    compared = {path.name: _differences(path) for path in accepted}
    return {name: keys for name, keys in compared.items() if keys}


def _differences(path: Path) -> list[str]:
    ours = _normal(scan(path.read_bytes()).head.json)
    theirs = model_of(path.read_bytes())
    return [key for key in sorted(ours.keys() | theirs.keys()) if ours.get(key) != theirs.get(key)]


def model_of(data: bytes) -> dict[str, Any]:
    """Give what pydicom reads in an object, in that form."""
    return _normal(_pydicom_json(data))


def inflated(file: bytes) -> bytes:
    """Give the form of a deflated object in which offsets count (PS3.10 7.1)."""
    begin = data_set_offset(file)
    return file[:begin] + zlib.decompressobj(-zlib.MAX_WBITS).decompress(file[begin:])


def _pydicom_json(data: bytes) -> dict[str, Any]:
    logging.getLogger("pydicom").disabled = True
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data_set = dcmread(io.BytesIO(data), force=True)
        # Its threshold counts characters of base64.
        result: dict[str, Any] = data_set.to_json_dict(1368, lambda _: "bulk")
    assert config.settings.reading_validation_mode == config.WARN
    return result


def _normal(attributes: dict[str, Any]) -> dict[str, Any]:
    """Leave out what the model forbids or fixes: group lengths and the character set (PS3.18 F.2)."""
    return {
        key: _normal_attribute(key, attribute)
        for key, attribute in attributes.items()
        if not key.endswith("0000") and key != "00080005"
    }


def _normal_attribute(key: str, attribute: dict[str, Any]) -> dict[str, Any]:
    vr = str(attribute["vr"])
    if "BulkDataURI" in attribute or key in _PIXELS:
        return {"vr": vr, "BulkDataURI": ""}
    if vr == "SQ":
        return {"vr": vr, "Value": [_normal(item) for item in attribute.get("Value", [])]}
    values = [_normal_value(value) for value in attribute.get("Value", [])]
    return {"vr": vr, "Value": values if values != [None] else [], "InlineBinary": attribute.get("InlineBinary", "")}


def _normal_value(value: Any) -> Any:
    """Drop padding, which has no meaning (PS3.5 6.2), and empty groups of names."""
    if isinstance(value, dict):
        return {group: text.strip() for group, text in value.items() if text.strip()} or None
    return (value.strip(" \0") or None) if isinstance(value, str) else value
