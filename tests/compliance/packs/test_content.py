"""The packs that are shipped: they hold together, say nothing false, and reach every provision."""

import re

import pytest

from compliance.packs import integrity, library
from compliance.packs.content import Status
from compliance.packs.library import Catalogue


@pytest.fixture(scope="module")
def book() -> Catalogue:
    return library.catalogue(tuple(library.latest().items()))


@pytest.mark.req("RA-08")
def test_every_id_in_the_shipped_packs_resolves(book: Catalogue) -> None:
    assert integrity.problems(book) == []


def test_the_default_packs_hold_together_without_the_proposed_one() -> None:
    assert integrity.problems(library.catalogue(library.default_choice())) == []


@pytest.mark.req("RA-17")
def test_the_walk_has_its_144_questions_in_eight_sections(book: Catalogue) -> None:
    assert len(book.questions) == 144
    assert list(book.sections) == [f"S{number}" for number in range(1, 9)]
    assert min(len(book.questions_of(section)) for section in book.sections) >= 10
    assert sum(len(book.questions_of(section)) for section in book.sections) == 144


@pytest.mark.req("RA-08")
def test_every_applicable_provision_is_reached_by_a_question_and_the_rest_is_listed(book: Catalogue) -> None:
    # Group health plans only: a practice decides by hand that it is none.
    assert [item.id for item in integrity.unreached(book)] == ["SR-314-a2ii"]


def test_what_is_usually_not_applicable_is_marked(book: Catalogue) -> None:
    found = {item.id for item in book.items.values() if item.is_usually_not_applicable}

    assert found == {"SR-308-a4iiA", "SR-314-b1", "SR-314-b2i", "SR-314-b2ii", "SR-314-b2iii", "SR-314-b2iv"}


def test_the_security_rule_has_22_addressable_specifications(book: Catalogue) -> None:
    assert len(book.addressable()) == 22
    assert {item.level for item in book.addressable()} == {"spec"}
    assert len(book.specifications()) == 48


@pytest.mark.parametrize("thing_id", ["AT-CBCT", "EF-USBOUT"])
def test_every_kind_of_asset_and_flow_brings_what_threatens_it(book: Catalogue, thing_id: str) -> None:
    assert book.pairs_of(thing_id)


@pytest.mark.req("RA-05")
@pytest.mark.req("RA-06")
def test_disclosure_paths_are_channels_with_risks(book: Catalogue) -> None:
    paths = {channel.id for channel in book.channels.values() if channel.discloses}

    assert paths >= {"EF-USBOUT", "EF-EMAILPLAIN", "EF-CHAT", "EF-REMOTE", "EF-LINK", "EF-SYNC", "EF-AI"}
    assert all(book.channels[path].pairs for path in paths)


# --- what is proposed, and what must not be said ----------------------------------------------------------------------


@pytest.mark.req("RA-16")
def test_the_proposed_rule_is_a_pack_of_its_own_that_is_off() -> None:
    pack = library.load("hipaa-nprm-2025", 1)

    assert pack.status is Status.PROPOSED
    assert not pack.is_default
    assert "hipaa-nprm-2025" not in dict(library.default_choice())
    assert "Proposed, not law" in pack.notice
    assert "240 days" in pack.notice


@pytest.mark.req("RA-15")
def test_the_proposed_items_name_encryption_second_factors_segmentation_inventory_and_map() -> None:
    words = " ".join(f"{item.title} {item.text}".lower() for item in library.load("hipaa-nprm-2025", 1).items)

    assert all(word in words for word in ("encrypt", "mfa", "segment", "inventory", "network map"))


@pytest.mark.req("RA-16")
def test_no_proposed_item_passes_for_law(book: Catalogue) -> None:
    proposed = [item for item in book.items.values() if item.pack_id == "hipaa-nprm-2025"]

    assert proposed
    assert {(item.is_proposed, item.requirement, item.citation) for item in proposed} == {(True, "proposed", "")}
    assert {item.is_proposed for item in book.items.values() if item.pack_id == "hipaa"} == {False}


@pytest.mark.req("RA-16")
def test_without_its_pack_a_question_leads_to_no_proposed_item() -> None:
    without, everything = (
        library.catalogue(library.default_choice()),
        library.catalogue(tuple(library.latest().items())),
    )
    question = without.questions["Q-S1-01"]

    assert not any(item.is_proposed for item in without.items_of(question))
    assert any(item.is_proposed for item in everything.items_of(question))


FORBIDDEN = [
    "HIPAA certified",
    "HIPAA compliant score",
    "annual risk analysis is required by HIPAA",
    "guarantees compliance",
    "safe harbor under PL 116-321",
]


def test_the_forbidden_phrases_are_known(book: Catalogue) -> None:
    assert list(book.forbidden_phrases) == FORBIDDEN


@pytest.mark.parametrize("phrase", FORBIDDEN)
def test_no_pack_says_what_must_not_be_said(phrase: str) -> None:
    texts = [path.read_text() for path in library.SHELF.glob("*/*/*.yaml")]
    # The manifest names the phrases in order to forbid them.
    said = [text.partition("forbidden_phrases:")[0] for text in texts]

    assert not [text for text in said if re.search(re.escape(phrase), text, re.IGNORECASE)]


# --- the method, cell by cell -----------------------------------------------------------------------------------------

CODES = ["VL", "L", "M", "H", "VH"]


@pytest.mark.parametrize(
    ("likelihood", "row"),
    [
        ("VH", ["VL", "L", "M", "H", "VH"]),
        ("H", ["VL", "L", "M", "H", "VH"]),
        ("M", ["VL", "L", "M", "M", "H"]),
        ("L", ["VL", "L", "L", "L", "M"]),
        ("VL", ["VL", "VL", "VL", "L", "L"]),
    ],
)
def test_the_risk_matrix_is_table_i_2_of_sp_800_30(book: Catalogue, likelihood: str, row: list[str]) -> None:
    assert list(book.method.risk_matrix[likelihood]) == row


@pytest.mark.parametrize(
    ("likelihood", "row"),
    [
        ("VH", ["L", "M", "H", "VH", "VH"]),
        ("H", ["L", "M", "M", "H", "VH"]),
        ("M", ["L", "L", "M", "M", "H"]),
        ("L", ["VL", "L", "L", "M", "M"]),
        ("VL", ["VL", "VL", "L", "L", "L"]),
    ],
)
def test_the_overall_likelihood_is_table_g_5_of_sp_800_30(book: Catalogue, likelihood: str, row: list[str]) -> None:
    assert list(book.method.overall_likelihood_matrix[likelihood]) == row


def test_the_nine_elements_have_their_gates(book: Catalogue) -> None:
    assert [element.number for element in book.method.elements] == list(range(1, 10))
    assert all(element.gate for element in book.method.elements)
