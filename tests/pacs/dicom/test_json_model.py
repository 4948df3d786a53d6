"""Reading the DICOM JSON model by keyword."""

from typing import Any

import pytest

from pacs.dicom import json_model

OBJECT: dict[str, Any] = {
    "00100010": {"vr": "PN", "Value": [{"Phonetic": "Doe^Jane"}]},
    "00100020": {"vr": "LO", "Value": ["P-1"]},
    "00080060": {"vr": "CS"},
    "00080008": {"vr": "CS", "Value": ["DERIVED", None]},
    "00280030": {"vr": "DS", "Value": [0.2, 0.3]},
    "00200013": {"vr": "IS", "Value": ["seven"]},
    "00081140": {"vr": "SQ", "Value": [{"00081150": {"vr": "UI", "Value": ["1.2"]}}]},
}


@pytest.mark.parametrize(
    ("keyword", "text"),
    [("PatientID", "P-1"), ("PatientName", "==Doe^Jane"), ("Modality", ""), ("StudyID", ""), ("PixelSpacing", "0.2")],
)
def test_the_first_value_is_given_as_text(keyword: str, text: str) -> None:
    assert json_model.get_str(OBJECT, keyword) == text


def test_all_values_are_given_as_text() -> None:
    assert json_model.get_strings(OBJECT, "ImageType") == ["DERIVED", ""]


def test_numbers_are_given_only_where_all_are_numbers() -> None:
    assert json_model.get_numbers(OBJECT, "PixelSpacing") == [0.2, 0.3]
    assert json_model.get_numbers(OBJECT, "InstanceNumber") == []
    assert json_model.get_number(OBJECT, "PixelSpacing") == 0.2
    assert json_model.get_number(OBJECT, "InstanceNumber") is None
    assert json_model.get_number(OBJECT, "Rows") is None


def test_items_of_a_sequence_are_attributes_again() -> None:
    items = json_model.get_items(OBJECT, "ReferencedImageSequence")

    assert [json_model.get_str(item, "ReferencedSOPClassUID") for item in items] == ["1.2"]
    assert json_model.get_items(OBJECT, "PatientID") == []


def test_keywords_and_tags_belong_together() -> None:
    assert json_model.tag_of("PatientID") == "00100020"
    assert json_model.keyword_of("00100020") == "PatientID"
    assert json_model.keyword_of("00091010") == ""


def test_a_keyword_that_does_not_exist_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        json_model.tag_of("PatientShoeSize")
