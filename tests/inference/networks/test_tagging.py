"""What an image shows, told from its header; words for it; and whether a series is complete."""

from typing import Any

import pytest

from inference.networks import completeness, tags
from inference.networks.tagging import tell
from inference.networks.teeth import sextant
from tests.factories.attributes import make_attributes


def shown(words: str = "", *, is_volume: bool = False, **values: Any) -> tuple[str, str]:
    found = tell(make_attributes(**values), words=words, is_volume=is_volume)
    return (found.kind.value if found.kind else "", found.told_by)


@pytest.mark.req("BR-05")
@pytest.mark.req("BR-34")
@pytest.mark.parametrize(
    ("words", "header", "expected"),
    [
        ("", {"Modality": "PX"}, ("panoramic", "header")),
        ("", {"Modality": "XC"}, ("photo", "header")),
        ("Bitewing left", {"Modality": "IO"}, ("bitewing", "words")),
        ("Zahnfilm 36", {"Modality": "IO"}, ("periapical", "words")),
        ("Fernröntgen seitlich", {"Modality": "DX"}, ("cephalometric", "words")),
        ("OPG", {"Modality": "DX"}, ("panoramic", "words")),
        ("", {"Modality": "IO", "Rows": 900, "Columns": 1300}, ("bitewing", "shape")),
        ("", {"Modality": "IO", "Rows": 1300, "Columns": 900}, ("periapical", "shape")),
        ("", {"Modality": "DX", "Rows": 1400, "Columns": 2800}, ("panoramic", "shape")),
        ("", {"Modality": "DX", "BodyPartExamined": "HEAD", "Rows": 2000, "Columns": 1800}, ("cephalometric", "shape")),
        ("", {"Modality": "DX", "Rows": 500, "Columns": 500}, ("", "")),
        ("", {"Modality": "MR"}, ("", "")),
        ("panoramic", {"Modality": "CT"}, ("", "")),
    ],
)
def test_kinds(words: str, header: dict[str, Any], expected: tuple[str, str]) -> None:
    assert shown(words, **header) == expected


@pytest.mark.req("BR-09")
def test_a_volume_of_ct_is_a_cbct() -> None:
    assert shown(Modality="CT", is_volume=True) == ("cbct", "header")


def test_the_side_comes_from_the_header_before_the_words() -> None:
    assert tell(make_attributes(Modality="IO", ImageLaterality="R"), words="bitewing left").laterality == "R"
    assert tell(make_attributes(Modality="IO"), words="bitewing links").laterality == "L"
    assert tell(make_attributes(Modality="IO"), words="left and right").laterality == ""


@pytest.mark.req("BR-37")
@pytest.mark.req("BR-06")
@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"key": "caries", "surface": "M", "teeth": "36"}, "potential_mesial_caries_36"),
        ({"key": "caries"}, "potential_caries"),
        ({"key": "calculus", "severity": "moderate"}, "calculus_moderate"),
        ({"key": "implant", "teeth": "46"}, "implant_46"),
        ({"key": "filling", "teeth": "18-14"}, "filling_18_14"),
        ({"key": "maxillary_sinus"}, "maxillary_sinus"),
    ],
)
def test_words_of_findings(asked: dict[str, str], expected: str) -> None:
    assert tags.of_finding(**asked) == expected


def test_a_surface_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="M O D B L"):
        tags.of_finding("caries", surface="X")


def test_words_of_images() -> None:
    assert tags.of_image("bitewing", laterality="L", flags=["dark"]) == ["bitewing", "bitewing_left", "quality_dark"]
    assert tags.of_image("periapical", teeth="36") == ["periapical", "periapical_36"]
    assert tags.of_image("") == []


@pytest.mark.parametrize(
    ("fdi", "universal"),
    [("18", "1"), ("11", "8"), ("21", "9"), ("28", "16"), ("38", "17"), ("36", "19"), ("48", "32")],
)
def test_universal_numbers(fdi: str, universal: str) -> None:
    assert tags.to_universal(fdi) == universal


def test_a_place_of_a_panoramic_is_a_sextant_of_the_patients_side() -> None:
    assert sextant((0, 0, 100, 100), 1000, 2000) == "18-14"
    assert sextant((1900, 900, 2000, 1000), 1000, 2000) == "34-38"
    assert sextant((950, 100, 1050, 200), 1000, 2000) == "13-23"


@pytest.mark.req("BR-39")
def test_a_full_mouth_survey_lacks_what_it_lacks() -> None:
    found = completeness.check("FMX", ["periapical"] * 13 + ["bitewing"] * 4)

    assert found is not None
    assert (found.procedure, found.missing, found.is_complete) == ("fmx", {"periapical": 1}, False)


def test_two_bitewings_are_complete() -> None:
    found = completeness.check("Bitewings", ["bitewing", "bitewing", "panoramic"])

    assert found is not None
    assert found.is_complete


def test_an_order_without_a_known_word_is_not_judged() -> None:
    assert completeness.check("Check-up", ["panoramic"]) is None
