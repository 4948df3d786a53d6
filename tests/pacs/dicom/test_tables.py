"""Tables of the standard: transfer syntaxes, SOP classes, UIDs."""

from uuid import UUID

import pytest

from pacs.dicom import dictionary, sop_classes, uids
from pacs.dicom.transfer_syntaxes import TRANSFER_SYNTAXES, TransferSyntax


@pytest.mark.parametrize(
    ("uid", "is_implicit", "is_little", "is_encapsulated", "is_deflated", "is_video"),
    [
        ("1.2.840.10008.1.2", True, True, False, False, False),
        ("1.2.840.10008.1.2.1", False, True, False, False, False),
        ("1.2.840.10008.1.2.2", False, False, False, False, False),
        ("1.2.840.10008.1.2.1.99", False, True, False, True, False),
        ("1.2.840.10008.1.2.1.98", False, True, True, False, False),
        ("1.2.840.10008.1.2.4.50", False, True, True, False, False),
        ("1.2.840.10008.1.2.4.90", False, True, True, False, False),
        ("1.2.840.10008.1.2.4.201", False, True, True, False, False),
        ("1.2.840.10008.1.2.5", False, True, True, False, False),
        ("1.2.840.10008.1.2.4.102", False, True, True, False, True),
    ],
)
def test_a_transfer_syntax_says_how_it_encodes(
    uid: str, is_implicit: bool, is_little: bool, is_encapsulated: bool, is_deflated: bool, is_video: bool
) -> None:
    syntax = TRANSFER_SYNTAXES[uid]

    assert syntax == TransferSyntax(uid, syntax.name, is_implicit, is_little, is_encapsulated, is_deflated, is_video)


@pytest.mark.parametrize("uid", ["1.2.840.10008.1.2.4.94", "1.2.840.10008.1.2.7.1", "1.2.840.10008.1.2.6.2"])
def test_what_is_not_stored_is_no_transfer_syntax_here(uid: str) -> None:
    assert uid not in TRANSFER_SYNTAXES


@pytest.mark.parametrize(
    ("uid", "is_image"),
    [
        ("1.2.840.10008.5.1.4.1.1.2", True),  # CT
        ("1.2.840.10008.5.1.4.1.1.1.1", True),  # digital X-ray, for presentation
        ("1.2.840.10008.5.1.4.1.1.1.3", True),  # digital intra-oral X-ray, for presentation
        ("1.2.840.10008.5.1.4.1.1.7", True),  # secondary capture
        ("1.2.840.10008.5.1.4.1.1.66.4", True),  # segmentation
        ("1.2.840.10008.5.1.4.1.1.481.2", True),  # dose
        ("1.2.840.10008.5.1.4.1.1.104.1", False),  # encapsulated PDF
        ("1.2.840.10008.5.1.4.1.1.104.3", False),  # encapsulated STL
        ("1.2.840.10008.5.1.4.1.1.88.33", False),  # comprehensive SR
        ("1.2.840.10008.5.1.4.1.1.11.1", False),  # presentation state
        ("1.2.840.113619.4.2", False),  # private
    ],
)
def test_a_sop_class_is_an_image_or_not(uid: str, is_image: bool) -> None:
    assert sop_classes.is_image(uid) is is_image


@pytest.mark.parametrize("uid", ["1.2.840.10008", "0", "1" * 64])
def test_a_uid_of_digits_and_dots_is_valid(uid: str) -> None:
    assert uids.is_valid_uid(uid)


@pytest.mark.parametrize("uid", ["", "1" * 65, "1.2\n", "1.2 ", "a", "1,2", "١.٢"])
def test_anything_else_is_no_uid(uid: str) -> None:
    assert not uids.is_valid_uid(uid)


def test_a_uuid_becomes_a_uid() -> None:
    assert (
        uids.uid_from_uuid(UUID("f81d4fae-7dec-11d0-a765-00a0c91e6bf6"))
        == "2.25.329800735698586629295641978511506172918"
    )


@pytest.mark.parametrize(
    ("tag", "creator", "vr"),
    [
        (0x00280010, "", "US"),
        (0x60003000, "", "OB or OW"),
        (0x00090010, "", "LO"),
        (0x00091027, "GEMS_IDEN_01", "SL"),
        (0x00091027, "", None),
        (0x00091027, "UNHEARD OF", None),
        (0x12345678, "", None),
    ],
)
def test_the_dictionary_knows_representations(tag: int, creator: str, vr: str | None) -> None:
    assert dictionary.vr_of(tag, creator) == vr
