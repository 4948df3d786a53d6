"""The patient that people decided on, over headers that name another."""

import datetime as dt

import pytest

from pacs import overlay
from pacs.dicom.json_model import Attributes, get_items, get_str, tag_of
from pacs.identity import Identity
from tests.factories.attributes import make_attributes

RIGHT = Identity("P-2", "", "Right^Rita", dt.date(1990, 5, 6), "F")
WRONG = Identity("P-1", "", "Wrong^Willi", dt.date(1970, 1, 1), "M")
HEADER = make_attributes(
    PatientName="Wrong^Willi",
    PatientID="P-1",
    PatientBirthDate="19700101",
    PatientSex="M",
    PatientAge="056Y",
    PatientAddress="Wrong Street 1",
    Modality="CT",
    StudyInstanceUID="1.2.3",
)


def served(*, is_same_person: bool, header: Attributes = HEADER) -> Attributes:
    made = overlay.make(
        identity=RIGHT, images=WRONG, is_same_person=is_same_person, at=dt.datetime(2026, 11, 21, 9, tzinfo=dt.UTC)
    )
    return overlay.apply(header, made)


def item_of(header: Attributes) -> Attributes:
    return get_items(header, "OriginalAttributesSequence")[-1]


@pytest.mark.parametrize("is_same_person", [True, False])
def test_the_header_names_the_right_patient_and_keeps_the_rest(is_same_person: bool) -> None:
    found = served(is_same_person=is_same_person)

    assert Identity.of_header(found) == RIGHT
    assert (get_str(found, "Modality"), get_str(found, "StudyInstanceUID")) == ("CT", "1.2.3")
    assert list(found) == sorted(found)


def test_of_the_same_person_the_former_values_are_on_record() -> None:
    item = item_of(served(is_same_person=True))

    (before,) = get_items(item, "ModifiedAttributesSequence")
    assert (get_str(before, "PatientName"), get_str(before, "PatientID")) == ("Wrong^Willi", "P-1")
    assert get_str(item, "ReasonForTheAttributeModification") == "CORRECT"
    assert get_str(item, "ModifyingSystem") == "BITEWING"
    assert get_str(item, "AttributeModificationDateTime") == "20261121090000.000000+0000"


def test_of_another_person_nothing_is_given_away() -> None:
    found = served(is_same_person=False)

    assert "Wrong" not in str(found)
    assert "P-1" not in str(found)
    assert "19700101" not in str(found)
    assert tag_of("PatientAge") not in found
    (before,) = get_items(item_of(found), "ModifiedAttributesSequence")
    assert before[tag_of("PatientAddress")] == {"vr": "LO"}


def test_what_other_systems_recorded_stays_on_record_for_the_same_person_only() -> None:
    earlier = HEADER | make_attributes(OriginalAttributesSequence=[make_attributes(ModifyingSystem="Wrong's modality")])

    assert len(get_items(served(is_same_person=True, header=earlier), "OriginalAttributesSequence")) == 2
    assert len(get_items(served(is_same_person=False, header=earlier), "OriginalAttributesSequence")) == 1


def test_the_header_that_was_given_is_not_changed() -> None:
    before = str(HEADER)
    served(is_same_person=False)

    assert str(HEADER) == before
