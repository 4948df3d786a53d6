"""Value fields to the DICOM JSON model, one row for each rule of PS3.18 F.2."""

import struct
from typing import Any

import pytest

from pacs.dicom.charset import DEFAULT_CHARSET
from pacs.dicom.values import BIG_ENDIAN, LITTLE_ENDIAN


@pytest.mark.parametrize(
    ("vr", "raw", "values"),
    [
        ("AE", b" STORE ", ["STORE"]),
        ("AS", b"042Y", ["042Y"]),
        ("CS", b"ORIGINAL\\PRIMARY ", ["ORIGINAL", "PRIMARY"]),
        ("CS", b"A\\\\B", ["A", None, "B"]),
        ("CS", b"A\0B", ["AB"]),
        ("DA", b"20261002", ["20261002"]),
        ("TM", b"091500.5 ", ["091500.5"]),
        ("UI", b"1.2.3\0", ["1.2.3"]),
        ("LO", b"P-1 ", ["P-1"]),
        ("LO", b"one\\two ", ["one", "two"]),
        ("LT", b" a\\b \0", [" a\\b"]),
        ("UT", b"line\r\nline", ["line\r\nline"]),
        ("UR", b"https://example.org/a\\b ", ["https://example.org/a\\b"]),
        ("DS", b"0.5\\-1e3 ", [0.5, -1000.0]),
        ("DS", b"1.5\\\\2", [1.5, None, 2.0]),
        ("DS", b"wide\\2", ["wide", 2.0]),
        ("DS", b"nan", ["nan"]),
        ("DS", b"1_0", ["1_0"]),
        ("DS", b"1e999", ["1e999"]),
        ("IS", b"-12 ", [-12]),
        ("IS", b"1.0", [1]),
        ("IS", b"1.5", ["1.5"]),
        ("IS", b"+-1", ["+-1"]),
        ("IS", b"1e300", ["1e300"]),
        ("IS", b"9" * 30, ["9" * 30]),
        ("US", b"\x01\0\x02\0", [1, 2]),
        ("SS", b"\xff\xff", [-1]),
        ("UL", b"\x01\0\0\0", [1]),
        ("SL", b"\xff\xff\xff\xff", [-1]),
        ("UV", b"\xff" * 8, [2**64 - 1]),
        ("SV", b"\xff" * 8, [-1]),
        ("FL", struct.pack("<f", 0.5), [0.5]),
        ("FD", struct.pack("<3d", float("nan"), float("inf"), float("-inf")), ["NaN", "inf", "-inf"]),
        ("AT", b"\x10\0\x20\0\x28\0\x10\0", ["00100020", "00280010"]),
        ("PN", b"Doe^Jane ", [{"Alphabetic": "Doe^Jane"}]),
        ("PN", b"==Doe^Jane", [{"Phonetic": "Doe^Jane"}]),
        ("PN", b"A=B=C\\\\D", [{"Alphabetic": "A", "Ideographic": "B", "Phonetic": "C"}, None, {"Alphabetic": "D"}]),
    ],
)
def test_a_value_field_becomes_values(vr: str, raw: bytes, values: list[Any]) -> None:
    assert LITTLE_ENDIAN[vr](raw, DEFAULT_CHARSET) == {"vr": vr, "Value": values}


@pytest.mark.parametrize("vr", sorted(LITTLE_ENDIAN))
def test_an_empty_value_field_has_no_value(vr: str) -> None:
    assert LITTLE_ENDIAN[vr](b"", DEFAULT_CHARSET) == {"vr": vr}


@pytest.mark.parametrize("vr", ["CS", "LO", "LT", "PN", "DS", "IS", "UI", "UR"])
def test_padding_alone_is_no_value(vr: str) -> None:
    assert LITTLE_ENDIAN[vr](b" \0", DEFAULT_CHARSET) == {"vr": vr}


@pytest.mark.parametrize("vr", ["US", "UL", "FD", "AT"])
def test_numbers_of_a_wrong_length_are_kept_as_bytes(vr: str) -> None:
    assert LITTLE_ENDIAN[vr](b"\x01\x02\x03", DEFAULT_CHARSET) == {"vr": "UN", "InlineBinary": "AQID"}


@pytest.mark.parametrize("vr", ["OB", "OD", "OF", "OL", "OV", "OW", "UN"])
def test_bytes_are_written_in_base64(vr: str) -> None:
    assert LITTLE_ENDIAN[vr](b"\x01\x02", DEFAULT_CHARSET) == {"vr": vr, "InlineBinary": "AQI="}


@pytest.mark.parametrize(("vr", "raw"), [("US", b"\x01\x02"), ("UL", b"\0\0\x01\x02"), ("SV", bytes(6) + b"\x01\x02")])
def test_big_endian_numbers_are_read(vr: str, raw: bytes) -> None:
    assert BIG_ENDIAN[vr](raw, DEFAULT_CHARSET) == {"vr": vr, "Value": [258]}


@pytest.mark.parametrize(
    ("vr", "raw", "inline"),
    [("OB", b"\x01\x02", "AQI="), ("OW", b"\x02\x01", "AQI="), ("OF", b"\x04\x03\x02\x01", "AQIDBA==")],
)
def test_big_endian_words_are_swapped(vr: str, raw: bytes, inline: str) -> None:
    assert BIG_ENDIAN[vr](raw, DEFAULT_CHARSET) == {"vr": vr, "InlineBinary": inline}
