"""The Native DICOM Model: what dcmtk writes of the same object, and what XML cannot hold."""

import subprocess
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element  # noqa: TID251  the type of what defusedxml gives

import pytest
from defusedxml.ElementTree import fromstring
from pydicom import Dataset

from pacs.dicom.xml_model import NAMESPACE, write_xml
from tests.factories.studies import make_dicom
from tests.pacs.dicom.encoded import scan
from tests.pacs.dimse.running import program


def parse(attributes: dict[str, Any]) -> Element:
    return fromstring(write_xml(attributes))


def find(root: Element, tag: str) -> Element:
    return next(one for one in root if one.get("tag") == tag)


def flat(root: Element) -> list[tuple[str, dict[str, str], str]]:
    """List elements in order: name without namespace, attributes, text of those that hold no others."""
    return [
        (one.tag.rpartition("}")[2], dict(one.attrib), "" if len(one) else (one.text or "").strip())
        for one in root.iter()
    ]


def make_rich() -> bytes:
    """Make an object with names of several scripts, sequences, private elements, empty and several values."""
    item, inner = Dataset(), Dataset()
    inner.CodeValue, inner.CodeMeaning = "T-1", "<b> & \"quotes\" 'more'"
    item.RequestedProcedureID = "RP-1"
    item.RequestedProcedureCodeSequence = [inner]
    second = Dataset()
    second.RequestedProcedureID = "RP-2"
    return make_dicom(
        SpecificCharacterSet="ISO_IR 192",
        PatientName="Yamada^Tarou=山田^太郎=やまだ^たろう",
        ReferringPhysicianName="Who^Is^It^Dr.^Jr.",
        SoftwareVersions=["A", "B"],
        StudyDescription="",
        ImageType=["ORIGINAL", "PRIMARY"],
        RequestAttributesSequence=[item, second],
        FrameIncrementPointer=[0x00181063],
        ICCProfile=b"abcd",
    )


@pytest.mark.req("PA-09")
def test_dcmtk_writes_the_same_model(tmp_path: Path) -> None:
    file = make_rich()
    (tmp_path / "one.dcm").write_bytes(file)
    command = [program("dcm2xml"), "--native-format", "--convert-to-utf8", "--encode-base64", "one.dcm"]
    theirs = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=60).stdout
    # The values of pixels are referred to by us, and written out by dcmtk.
    ours = flat(parse(scan(file).head.json))[1:-1]
    expected = [one for one in flat(fromstring(theirs)) if one[1].get("tag", "")[:4] != "0002"][1:-1]
    assert ours == expected[-len(ours) :]
    assert len(ours) > 100


def test_numbers_tags_and_bytes_are_written_as_the_model_has_them() -> None:
    root = parse(
        {
            "00280030": {"vr": "DS", "Value": [0.5, "1,5", None]},
            "00280009": {"vr": "AT", "Value": ["00181063"]},
            "00189999": {"vr": "FD", "Value": ["inf", "-inf", "NaN", 1.5]},
            "00282000": {"vr": "OB", "InlineBinary": "YWJj"},
            "7FE00010": {"vr": "OW", "BulkDataURI": "/dicom-web/studies/1/bulkdata/7FE00010?a=1&b=2"},
            "00081030": {"vr": "LO"},
        }
    )
    assert [(one.get("number"), one.text) for one in find(root, "00280030")] == [
        ("1", "0.5"),
        ("2", "1,5"),
        ("3", None),
    ]
    assert [one.text for one in find(root, "00280009")] == ["00181063"]
    assert [one.text for one in find(root, "00189999")] == ["INF", "-INF", "NaN", "1.5"]
    assert find(root, "00282000")[0].text == "YWJj"
    assert find(root, "7FE00010")[0].get("uri") == "/dicom-web/studies/1/bulkdata/7FE00010?a=1&b=2"
    assert len(find(root, "00081030")) == 0
    assert root.tag == f"{{{NAMESPACE}}}NativeDicomModel"
    assert [one.get("tag") for one in root] == sorted(one.get("tag", "") for one in root)


def test_private_elements_name_their_creator() -> None:
    root = parse(
        {
            "00290010": {"vr": "LO", "Value": ["ACME <1>"]},
            "00291001": {"vr": "LO", "Value": ["x"]},
            "00311001": {"vr": "UN", "InlineBinary": "AAA="},
        }
    )
    assert [one.get("privateCreator") for one in root] == [None, "ACME <1>", None]
    assert [one.get("keyword") for one in root] == [None] * 3


def test_what_xml_cannot_hold_is_marked_and_ends_of_lines_stay() -> None:
    root = parse({"00204000": {"vr": "LT", "Value": ["a\x1b\ud800b\r\nc\x0c ]]> <&"]}})
    assert find(root, "00204000")[0].text == "a\ufffd\ufffdb\r\nc\ufffd ]]> <&"


def test_names_are_split_into_their_components() -> None:
    name = {"Alphabetic": "Family^Given^Middle^Prefix^Suffix^more", "Phonetic": "^Only"}
    (person,) = find(parse({"00100010": {"vr": "PN", "Value": [name]}}), "00100010")
    found = [(group.tag.rpartition("}")[2], [(c.tag.rpartition("}")[2], c.text) for c in group]) for group in person]
    assert found == [
        (
            "Alphabetic",
            [
                ("FamilyName", "Family"),
                ("GivenName", "Given"),
                ("MiddleName", "Middle"),
                ("NamePrefix", "Prefix"),
                ("NameSuffix", "Suffix^more"),
            ],
        ),
        ("Phonetic", [("GivenName", "Only")]),
    ]
    assert write_xml({}).startswith(b'<?xml version="1.0" encoding="UTF-8"?>')
