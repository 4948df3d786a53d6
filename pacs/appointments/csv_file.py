"""Appointments from a CSV file: a header line with the names of the fields, one appointment a line."""

import csv
import io
from typing import Final

from pacs.appointments import plans
from pacs.appointments.errors import ScheduleFormatError
from pacs.appointments.plans import Plan

MAX_BYTES: Final = 8 << 20
MAX_ROWS: Final = 10_000


def read(data: bytes) -> list[Plan]:
    """Read a file in UTF-8, with commas, semicolons or tabs between the fields.

    Raises
    ------
    ScheduleFormatError, AppointmentTermsError
        Naming the line and the field; then nothing of the file is kept.
    """
    if len(data) > MAX_BYTES:
        raise ScheduleFormatError("A file has {limit} bytes at most.", limit=MAX_BYTES)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ScheduleFormatError("The file is not UTF-8 at byte {at}.", at=error.start) from None
    header = text.split("\n", 1)[0]
    separator = max(",;\t", key=header.count)
    rows = csv.DictReader(io.StringIO(text), delimiter=separator, restkey="", strict=True)
    try:
        rows.fieldnames = [name.strip().lower() for name in rows.fieldnames or ()]
        found = [_plan(row, rows.line_num) for row in rows]
    except csv.Error:
        raise ScheduleFormatError("Line {line} is no CSV.", line=rows.line_num) from None
    if not found:
        raise ScheduleFormatError("The file has no appointments.")
    if len(found) > MAX_ROWS:
        raise ScheduleFormatError("A file has {limit} appointments at most.", limit=MAX_ROWS)
    return found


def _plan(row: dict[str, str], line: int) -> Plan:
    if "" in row or None in row.values():
        raise ScheduleFormatError("Line {line} has not as many fields as the header.", line=line)
    return plans.read(row, where=f"line {line}")
