"""Headers with wrong value representations and values: kept bit for bit, served, searched honestly, never a failure."""

import io
import struct

import numpy as np
import pytest
from django.test import Client
from pydicom import dcmread

from accounts.models import Tenant
from outbox import services as outbox
from pacs.dicomweb.accept import XML
from tests.pacs.dicom.encoded import EXPLICIT, IMPLICIT
from tests.pacs.dicomweb.messy import SERIES, SOP, STUDY, Elements, make_messy
from tests.pacs.dicomweb.requests import content_of, stow

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore::UserWarning"), pytest.mark.req("BR-34")]

ITEM = struct.pack("<HHI", 0xFFFE, 0xE000, 0)
CASES: dict[str, Elements] = {
    "decimals with commas": {0x00280030: ("DS", b"0,5\\0,5"), 0x00281050: ("DS", b"1,5"), 0x00281051: ("DS", b"wide")},
    "endless decimals": {0x00281052: ("DS", b"1e999"), 0x00281053: ("DS", b"nan"), 0x00280030: ("DS", b"inf\\0")},
    "integers with decimals": {0x00200011: ("IS", b"1.5"), 0x00200013: ("IS", b"2.0")},
    "integers in words": {0x00200011: ("IS", b"one"), 0x00200013: ("IS", b"99999999999")},
    "dates with dots": {0x00080020: ("DA", b"2026.01.01"), 0x00100030: ("DA", b"01.01.1980")},
    "dates that are none": {0x00080020: ("DA", b"20261301"), 0x00100030: ("DA", b"unknown")},
    "times with colons": {0x00080030: ("TM", b"10:15:00")},
    "times that are none": {0x00080030: ("TM", b"noonnoonnoonnoonnoon")},
    "UIDs behind which are spaces": {
        0x0020000D: ("UI", STUDY.encode() + b"  "),
        0x00080018: ("UI", SOP.encode() + b" "),
    },
    "private unknown": {0x00290010: ("LO", b"ACME"), 0x00291001: ("UN", b"\x01\xff"), 0x00311001: ("UN", b"xy" * 900)},
    "unknown that is known": {0x00100020: ("UN", b"P-1"), 0x00080020: ("UN", b"20260101"), 0x00200011: ("UN", b"7")},
    "a neighbour's": {0x00100020: ("SH", b"P-1"), 0x00080020: ("LO", b"20260101"), 0x00200011: ("US", b"\x07\0")},
    "text for a name": {0x00100010: ("LO", b"Doe^Jane"), 0x00100020: ("PN", b"P-1"), 0x00080060: ("PN", b"CT")},
    "bytes for text": {0x00100010: ("OB", b"Doe^Jane"), 0x00100020: ("OB", b"P-1"), 0x00080060: ("OB", b"CT")},
    "numbers for text": {
        0x00080060: ("US", b"CT"),
        0x00100010: ("FD", b"12345678"),
        0x00200013: ("FD", struct.pack("<d", np.nan)),
        0x00200011: ("FL", struct.pack("<f", np.inf)),
    },
    "sequences for text": {0x00100010: ("SQ", ITEM), 0x00080060: ("SQ", ITEM), 0x00200013: ("SQ", ITEM)},
    "bytes for words": {0x7FE00010: ("OB", np.arange(256, dtype="<u2").tobytes())},
    "numbers of odd length": {0x00280009: ("AT", b"abc"), 0x00281050: ("FD", b"abc")},
    "over-long": {0x00080050: ("SH", b"y" * 100), 0x00100020: ("LO", b"z" * 300), 0x00100010: ("PN", b"n" * 700)},
    "control characters": {0x00100010: ("PN", b"Doe\0\x07^\x1bJane"), 0x00100020: ("LO", b"P\0\x01\n1")},
    "empty first values": {0x00100010: ("PN", b"\\\\Doe"), 0x00100020: ("LO", b"\\P"), 0x00200013: ("IS", b"\\1")},
    "a character set of nobody": {0x00080005: ("CS", b"NONSENSE"), 0x00100010: ("PN", b"\xff\xfe^\x80")},
}
ROOT = f"/dicom-web/studies/{STUDY}"
INSTANCE = f"{ROOT}/series/{SERIES}/instances/{SOP}"
SEARCHES = tuple(f"/dicom-web/{level}?includefield=all" for level in ("studies", "series", "instances"))
METADATA = (f"{ROOT}/metadata", f"{INSTANCE}/metadata")
PICTURES = (f"{INSTANCE}/rendered", f"{INSTANCE}/thumbnail", f"{ROOT}/thumbnail", f"{INSTANCE}/frames/1")
LOSSLESS = "1.2.840.10008.1.2.4.201"


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT])
@pytest.mark.parametrize("name", CASES)
def test_a_messy_header_is_kept_and_served_everywhere(web: Client, tenant: Tenant, name: str, syntax: str) -> None:
    file = make_messy(CASES[name], syntax)
    assert stow(web, file).status_code == 200
    outbox.drain([tenant.id])
    for path in (*SEARCHES, *METADATA, *PICTURES):
        assert (path, web.get(path).status_code) == (path, 200)
    for path in (*SEARCHES, *METADATA):
        assert content_of(web.get(path, headers={"Accept": f'multipart/related; type="{XML}"'})).count(b"<?xml") == 1
    assert content_of(web.get(INSTANCE, headers={"Accept": "application/dicom; transfer-syntax=*"})) == file
    for wanted in (EXPLICIT, LOSSLESS):
        sent = content_of(web.get(INSTANCE, headers={"Accept": f"application/dicom; transfer-syntax={wanted}"}))
        assert raw_values(sent, CASES[name]) == raw_values(file, CASES[name])


def raw_values(file: bytes, of: Elements) -> list[bytes]:
    """Return values as they are written, but for pixels, sequences, and the character set, which is always read."""
    read = dcmread(io.BytesIO(file), stop_before_pixels=True)
    left_out = {0x00080005, 0x7FE00010}
    return [bytes(read.get_item(tag).value) for tag, (vr, _) in of.items() if tag not in left_out and vr != "SQ"]


def told(web: Client, changed: Elements) -> str:
    answer = stow(web, make_messy(changed)).json()
    return str(answer["00081199"]["Value"][0]["00000902"]["Value"][0])


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("integers with decimals", "SeriesNumber is no whole number."),
        ("dates that are none", "PatientBirthDate is no date. StudyDate is no date."),
        ("times that are none", "StudyTime is no time."),
        ("a neighbour's", "PatientID is written as SH, and is LO. StudyDate is written as LO, and is DA."),
        ("over-long", "PatientName is longer than PN may be. PatientID is longer than LO may be."),
        ("bytes for text", "PatientName is written as OB, and is PN."),
    ],
)
def test_who_sent_it_is_told_what_was_not_understood(web: Client, name: str, words: str) -> None:
    assert words in told(web, CASES[name])


@pytest.mark.parametrize("name", ["decimals with commas", "private unknown", "times with colons"])
def test_what_is_understood_or_not_looked_at_is_not_told(web: Client, name: str) -> None:
    assert told(web, CASES[name]) == "part 1"


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("dates with dots", "StudyDate=20260101"),
        ("a neighbour's", "PatientID=P-1&StudyDate=20260101"),
        ("unknown that is known", "PatientID=P-1&StudyDate=20260101"),
        ("text for a name", "PatientName=Doe*&PatientID=P-1&ModalitiesInStudy=CT"),
        ("dates that are none", "StudyDate=%22%22"),
        ("over-long", f"PatientID={'z' * 60}*"),
    ],
)
def test_it_is_found_by_what_was_understood(web: Client, name: str, query: str) -> None:
    stow(web, make_messy(CASES[name]))
    assert len(web.get(f"/dicom-web/studies?{query}").json()) == 1


def test_a_number_with_decimals_is_no_number_of_a_series(web: Client) -> None:
    stow(web, make_messy(CASES["integers with decimals"]))
    assert web.get("/dicom-web/series?SeriesNumber=1").json() == []
    assert len(web.get("/dicom-web/instances?InstanceNumber=2").json()) == 1
