"""The inventory as a file, CSV or JSON: what is written can be read back without a difference."""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import orjson

from common.clock import now
from compliance.assets import fields
from compliance.errors import InventoryRefusedError

if TYPE_CHECKING:
    from compliance.models import Asset

FORMAT = "bitewing-inventory"
VERSION = 1
MAX_BYTES = 1024 * 1024
MAX_ROWS = 5000
# What a spreadsheet takes for the beginning of a formula: an apostrophe before it makes it text, and comes off again.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")

Row = Mapping[str, str]


def row_of(asset: "Asset") -> dict[str, str]:
    """Return the facts of an asset as text."""
    return {name: _text(getattr(asset, name)) for name in fields.COLUMNS}


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def write_csv(assets: Iterable["Asset"]) -> str:
    """Write assets as CSV with a header line."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, fields.COLUMNS)
    writer.writeheader()
    for asset in assets:
        writer.writerow({name: _guarded(text) for name, text in row_of(asset).items()})
    return out.getvalue()


def write_json(assets: Iterable["Asset"]) -> bytes:
    """Write assets as JSON with the name and the version of the format."""
    document = {
        "format": FORMAT,
        "version": VERSION,
        "exported_at": now().isoformat(timespec="seconds"),
        "assets": [row_of(asset) for asset in assets],
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2)


def pack(rows: Iterable[Row]) -> str:
    """Write rows that were read as text that survives a form, which changes the ends of lines."""
    return orjson.dumps({"format": FORMAT, "version": VERSION, "assets": list(rows)}).decode()


def read(text: str) -> list[Row]:
    """Read the rows of a file, whichever of the two formats it has.

    Raises
    ------
    InventoryRefusedError
        With what was found and what was expected, if it is neither, too long, or has columns that nobody knows.
    """
    if len(text) > MAX_BYTES:
        raise InventoryRefusedError("The file is longer than 1 MB: send it in parts.")
    is_json = text.lstrip("\ufeff \r\n\t").startswith(("{", "["))
    rows = _read_json(text) if is_json else _read_csv(text)
    if not rows:
        raise InventoryRefusedError("The file holds no rows: expected a header line, and one line an asset.")
    if len(rows) > MAX_ROWS:
        raise InventoryRefusedError("The file holds {count} rows, more than {limit}.", count=len(rows), limit=MAX_ROWS)
    unknown = sorted({name for row in rows for name in row} - set(fields.COLUMNS))
    if unknown:
        raise InventoryRefusedError(
            "There is no column {unknown}. Known are: {known}.",
            unknown=", ".join(unknown[:5]),
            known=", ".join(fields.COLUMNS),
        )
    return rows


def _read_csv(text: str) -> list[Row]:
    try:
        if "\0" in text:
            raise csv.Error("line contains NUL")
        reader = csv.DictReader(
            io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True, dialect=_dialect(text)
        )
        rows = list(reader)
    except csv.Error as error:
        raise InventoryRefusedError("The file is not well-formed CSV: {error}.", error=str(error)) from None
    if any(None in row or None in row.values() for row in rows):
        line = next(number for number, row in enumerate(rows, start=2) if None in row or None in row.values())
        raise InventoryRefusedError("Line {line} has not as many cells as the header.", line=line)
    return [{name.strip(): _unguarded(value) for name, value in row.items()} for row in rows]


def _dialect(text: str) -> type[csv.Dialect]:
    """Return the dialect of the header line: spreadsheets of some countries write semicolons."""
    first = text.partition("\n")[0]

    class Found(csv.excel):
        delimiter = ";" if first.count(";") > first.count(",") else ","

    return Found


def _read_json(text: str) -> list[Row]:
    try:
        document = orjson.loads(text.removeprefix("\ufeff"))
    except orjson.JSONDecodeError as error:
        raise InventoryRefusedError("The file is not well-formed JSON: {error}.", error=str(error)) from None
    rows = document.get("assets") if isinstance(document, dict) else document
    if isinstance(document, dict) and (document.get("format"), document.get("version")) != (FORMAT, VERSION):
        raise InventoryRefusedError("Expected the format {name}, version {version}.", name=FORMAT, version=VERSION)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InventoryRefusedError("Expected a list of assets.")
    found: list[Row] = [{str(name): _text(value) for name, value in row.items()} for row in rows]
    if any("\0" in text for row in found for pair in row.items() for text in pair):
        raise InventoryRefusedError("The file is not well-formed JSON: {error}.", error="a text contains NUL")
    return found


def _guarded(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _unguarded(text: str) -> str:
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text
