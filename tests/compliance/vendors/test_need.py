"""Who needs an agreement, and which wording is broad: cell by cell."""

import pytest

from compliance.models import Vendor
from compliance.packs import library
from compliance.vendors.need import Answer, need_of
from compliance.vendors.wording import flags_in


@pytest.mark.req("RA-22")
@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"stores": "yes"}, Answer.REQUIRED),
        ({"transmits": "yes"}, Answer.REQUIRED),
        ({"can_access": "yes"}, Answer.REQUIRED),
        ({"stores": "no", "transmits": "no", "can_access": "yes"}, Answer.REQUIRED),
        # A sensor driver that is never looked into from outside.
        ({"stores": "no", "transmits": "no", "can_access": "no"}, Answer.NOT_REQUIRED),
        ({"stores": "no", "transmits": "no", "can_access": "unknown"}, Answer.UNKNOWN),
        ({}, Answer.UNKNOWN),
        ({"treats": "yes", "transmits": "yes"}, Answer.NOT_REQUIRED),
        ({"treats": "yes", "stores": "yes"}, Answer.DECIDE),
        ({"is_conduit": "yes", "transmits": "yes"}, Answer.NOT_REQUIRED),
        # Who keeps data is no conduit, even without the key.
        ({"is_conduit": "yes", "stores": "yes"}, Answer.REQUIRED),
    ],
)
def test_the_helper_decides_by_what_the_vendor_does(answers: dict[str, str], expected: Answer) -> None:
    need = need_of(Vendor(name="x", **answers))

    assert need.answer == expected
    assert need.citation.startswith("45 CFR ")


@pytest.mark.req("AI-16")
@pytest.mark.parametrize(
    "text",
    [
        "Vendor may use de-identified data.",
        "aggregated usage data may be kept",
        "for research purposes",
        "to improve and develop our products",
        "for product improvement",
        "to train machine learning models",
        "a perpetual, irrevocable licence",
        "a royalty-free right",
        "kept as long as necessary",
        "for any lawful purpose",
        "may sell",
        "with its affiliates",
    ],
)
def test_broad_wording_is_flagged_with_reason_and_citation(text: str) -> None:
    flags = flags_in(f"The vendor stores images. {text} The rest is fine.")

    assert flags
    assert all(flag.phrase in flag.around and flag.citation.startswith("45 CFR") and flag.why for flag in flags)


@pytest.mark.req("AI-16")
def test_plain_wording_is_not_flagged() -> None:
    assert flags_in("Business associate shall report each breach within 24 hours and return all images.") == ()


def test_flags_stand_in_the_order_of_the_text() -> None:
    phrases = [flag.phrase for flag in flags_in("For research. A perpetual licence. Then research again.")]

    assert phrases == ["research", "perpetual", "research"]


def test_the_checklist_of_the_pack_is_complete() -> None:
    clauses = library.catalogue(library.default_choice()).clauses

    assert [one for one in clauses if one.startswith("BAA-")] == [f"BAA-{number:02}" for number in range(1, 18)]
    assert [one for one in clauses if one.startswith("BAX-")] == [f"BAX-{number:02}" for number in range(1, 16)]
