"""The scan of whole objects: what passes, what is refused, and why."""

import struct
import weakref
import zlib

import pytest

from pacs.dicom import errors
from pacs.dicom.limits import Limits
from pacs.dicom.scan import Scanner
from tests.pacs.dicom import encoded
from tests.pacs.dicom.encoded import (
    BIG,
    DEFLATED,
    EXPLICIT,
    IMPLICIT,
    ITEM_END,
    SEQUENCE_END,
    UNDEFINED,
    document,
    element,
    identity,
    image,
    item,
    native_slice,
    part10,
    scan,
    text,
)

NATIVE = {syntax: native_slice(syntax=syntax) for syntax in (EXPLICIT, IMPLICIT, BIG)}
PIXELS = element(0x7FE00010, "OW", bytes(32))
SEQUENCE = 0x00081140


# --- what passes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT, BIG])
def test_a_native_slice_is_identified(syntax: str) -> None:
    result = scan(NATIVE[syntax])

    assert result.size_bytes == len(NATIVE[syntax])
    assert result.head.study_instance_uid == "1.2.3"
    assert result.head.series_instance_uid == "1.2.3.5"
    assert result.head.sop_instance_uid == "1.2.3.4"
    assert result.head.sop_class_uid == encoded.CT_IMAGE
    assert result.head.transfer_syntax_uid == syntax
    assert result.head.preamble_note is None


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT, BIG])
def test_native_pixels_are_found_in_the_object(syntax: str) -> None:
    pixel = scan(NATIVE[syntax]).pixel

    assert pixel is not None
    assert not pixel.is_encapsulated
    assert pixel.length == 32
    assert pixel.index.segments(1) == [(len(NATIVE[syntax]) - 32, 32)]


def test_a_deflated_slice_gives_the_same_attributes() -> None:
    deflated = scan(encoded.deflated_slice())

    assert deflated.head.json == scan(NATIVE[EXPLICIT]).head.json
    assert deflated.head.transfer_syntax_uid == DEFLATED


def test_the_head_is_known_as_soon_as_the_pixel_data_begins() -> None:
    scanner = Scanner()

    scanner.feed(NATIVE[EXPLICIT][:-33])
    assert scanner.head is None
    scanner.feed(NATIVE[EXPLICIT][-33:-32])
    assert scanner.head is not None


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize("fed", [1, 200, 10**6])
def test_a_scanner_is_let_go_without_the_garbage_collector(fed: int) -> None:
    scanner = Scanner()
    scanner.feed(NATIVE[EXPLICIT][:fed])
    left = weakref.ref(scanner)
    del scanner
    assert left() is None


def test_a_document_without_pixels_has_a_head_at_its_end() -> None:
    scanner = Scanner()
    scanner.feed(document())

    result = scanner.finish()

    assert result.pixel is None
    assert scanner.head is result.head


def test_an_encapsulated_document_of_any_size_is_referred_to() -> None:
    pdf = b"%PDF" + bytes(20 << 20)

    result = scan(document(element(0x00420011, "OB", pdf)))

    assert result.head.json["00420011"] == {"vr": "OB", "BulkDataURI": "bulkdata/00420011"}
    assert [(bulk.path, bulk.offset, bulk.length) for bulk in result.head.bulk] == [
        ("00420011", result.size_bytes - len(pdf), len(pdf))
    ]


def test_a_bulk_value_inside_items_is_named_by_its_path() -> None:
    inner = element(0x54001010, "OW", bytes(2000))
    sequence = element(0x54000100, "SQ", item() + item(inner))

    result = scan(document(sequence))

    assert result.head.bulk[0].path == "54000100/2/54001010"
    assert result.head.bulk[0].offset == result.size_bytes - 2000


def test_a_file_without_preamble_is_recognised_by_its_file_meta_information() -> None:
    assert scan(NATIVE[EXPLICIT][132:]).head.study_instance_uid == "1.2.3"


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT, BIG])
def test_a_bare_data_set_is_recognised(syntax: str) -> None:
    bare = identity(syntax=syntax) + image(syntax=syntax) + element(0x7FE00010, "OW", bytes(32), syntax=syntax)

    assert scan(bare).head.transfer_syntax_uid == syntax


def test_the_letters_dicm_inside_a_bare_data_set_are_no_prefix() -> None:
    bare = text(0x00080005, "CS", "ISO_IR 100")
    bare += text(0x00080008, "CS", "A" * (128 - len(bare) - 8) + "DICM") + identity() + image() + PIXELS

    assert bare[128:132] == b"DICM"
    assert scan(bare).head.study_instance_uid == "1.2.3"


def test_an_implicit_data_set_declared_explicit_is_read() -> None:
    data_set = NATIVE[IMPLICIT].replace(b"1.2.840.10008.1.2\0", b"1.2.840.10008.1.2\0")
    declared = part10(identity(syntax=IMPLICIT) + image(syntax=IMPLICIT) + PIXELS[:4] + PIXELS[8:], syntax=EXPLICIT)

    assert scan(declared).head.json == scan(data_set).head.json


def test_group_lengths_are_left_out_of_the_attributes() -> None:
    group_length = element(0x00080000, "UL", struct.pack("<I", 4))

    assert "00080000" not in scan(part10(group_length + identity() + image() + PIXELS)).head.json


def test_sequences_of_undefined_length_equal_those_of_defined_length() -> None:
    content = text(0x00081150, "UI", "1.2.840")
    defined = element(SEQUENCE, "SQ", item(content) + item())
    undefined = element(
        SEQUENCE, "SQ", item(content + ITEM_END, length=UNDEFINED) + item() + SEQUENCE_END, length=UNDEFINED
    )

    expected = {"vr": "SQ", "Value": [{"00081150": {"vr": "UI", "Value": ["1.2.840"]}}, {}]}
    assert scan(document(defined)).head.json["00081140"] == expected
    assert scan(document(undefined)).head.json["00081140"] == expected


def test_an_empty_sequence_has_no_value() -> None:
    empty = element(SEQUENCE, "SQ", SEQUENCE_END, length=UNDEFINED)

    assert scan(document(empty)).head.json["00081140"] == {"vr": "SQ"}
    assert scan(document(element(SEQUENCE, "SQ"))).head.json["00081140"] == {"vr": "SQ"}


def test_un_of_undefined_length_is_an_implicit_sequence() -> None:
    content = text(0x00081150, "UI", "1.2", syntax=IMPLICIT)
    unknown = element(0x00091010, "UN", item(content) + SEQUENCE_END, length=UNDEFINED)

    assert scan(document(unknown)).head.json["00091010"]["Value"][0]["00081150"]["Value"] == ["1.2"]


def test_un_of_a_known_element_is_read_as_what_it_is() -> None:
    assert scan(document(element(0x00280010, "UN", b"\x10\0"))).head.json["00280010"] == {"vr": "US", "Value": [16]}


def test_an_unknown_representation_of_a_later_edition_is_kept_as_bytes() -> None:
    unknown = b"\x09\0\x10\x10ZZ\0\0" + struct.pack("<I", 2) + b"\x01\x02"

    assert scan(document(unknown)).head.json["00091010"] == {"vr": "UN", "InlineBinary": "AQI="}


def test_an_icon_with_fragments_is_passed_over() -> None:
    icon = element(0x7FE00010, "OB", encoded.fragments(b"abcd"), length=UNDEFINED)
    sequence = element(0x00880200, "SQ", item(icon))

    result = scan(part10(identity() + image() + sequence + PIXELS))

    assert result.head.json["00880200"]["Value"] == [
        {"7FE00010": {"vr": "OB", "BulkDataURI": "bulkdata/00880200/1/7FE00010"}}
    ]
    assert result.pixel is not None
    assert result.pixel.length == 32


def test_data_set_trailing_padding_is_read() -> None:
    padding = element(0xFFFCFFFC, "OB", bytes(64))

    assert "FFFCFFFC" in scan(native_slice(behind=padding)).head.json


@pytest.mark.parametrize("size", [1, 2, 11, 512])
def test_zeros_behind_the_pixel_data_do_no_harm(size: int) -> None:
    assert scan(native_slice(behind=bytes(size))).head.study_instance_uid == "1.2.3"


def test_more_pixel_data_than_needed_does_no_harm() -> None:
    assert scan(part10(identity() + image() + element(0x7FE00010, "OW", bytes(64)))).pixel is not None


def test_subsampled_colour_needs_two_bytes_a_pixel() -> None:
    colour = encoded.word(0x00280002, 3) + text(0x00280004, "CS", "YBR_FULL_422") + encoded.word(0x00280010, 2)
    colour += encoded.word(0x00280011, 2) + encoded.word(0x00280100, 8)

    pixel = scan(part10(identity() + colour + element(0x7FE00010, "OB", bytes(8)))).pixel

    assert pixel is not None
    assert pixel.index.segments(1)[0][1] == 8


def test_float_pixel_data_is_pixel_data() -> None:
    pixel = scan(part10(identity() + image(bits=32) + element(0x7FE00008, "OF", bytes(64)))).pixel

    assert pixel is not None
    assert pixel.tag == 0x7FE00008


# --- preambles --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "start", [b"MZ\x90", b"\x7fELF", b"PK\x03\x04", b"#!/bin/sh", b"<html>", b" \r\n<?php", b"%PDF-1.7"]
)
def test_a_preamble_of_another_kind_of_file_is_refused(start: bytes) -> None:
    with pytest.raises(errors.SuspiciousPreambleError) as refusal:
        scan(part10(identity() + image() + PIXELS, preamble=start.ljust(128, b"\0")))

    assert refusal.value.code == "suspicious-preamble"


@pytest.mark.parametrize(("start", "note"), [(b"II*\0", "tiff"), (b"MM\0*", "tiff"), (b"hello", "unknown")])
def test_a_preamble_that_is_not_empty_is_noted(start: bytes, note: str) -> None:
    assert scan(part10(identity() + image() + PIXELS, preamble=start.ljust(128, b"\0"))).head.preamble_note == note


# --- what is cut ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT, BIG])
def test_a_slice_cut_at_any_byte_is_refused(syntax: str) -> None:
    whole = NATIVE[syntax]

    assert [size for size in range(len(whole)) if _passes(whole[:size])] == []


def test_a_deflated_slice_cut_at_any_byte_is_refused() -> None:
    whole = encoded.deflated_slice()

    assert [size for size in range(len(whole)) if _passes(whole[:size])] == []


def test_an_encapsulated_slice_cut_at_any_byte_is_refused() -> None:
    whole = encoded.encapsulated(encoded.fragments(b"\xff\xd8\xff" + bytes(21)))

    assert [size for size in range(len(whole)) if _passes(whole[:size])] == []


def _passes(data: bytes) -> bool:
    try:
        scan(data)
    except errors.ScanError:
        return False
    return True


def test_an_image_class_without_pixel_data_is_refused() -> None:
    with pytest.raises(errors.PixelDataMissingError):
        scan(part10(identity()))


def test_an_image_of_an_unknown_class_without_pixel_data_is_refused() -> None:
    with pytest.raises(errors.PixelDataMissingError):
        scan(part10(identity(sop_class="1.2.999") + image()))


def test_pixel_data_shorter_than_the_image_is_refused() -> None:
    with pytest.raises(errors.PixelDataSizeError, match=r"\(7FE0,0010\) has 30 bytes, the image needs 32"):
        scan(part10(identity() + image() + element(0x7FE00010, "OW", bytes(30))))


def test_nothing_is_truncated() -> None:
    with pytest.raises(errors.TruncatedError):
        Scanner().finish()


# --- what contradicts the standard ------------------------------------------------------------------------------------

_FLAWS = {
    "an element twice": document(text(0x00204000, "LT", "a"), text(0x00204000, "LT", "b")),
    "an element longer than its item": document(
        element(SEQUENCE, "SQ", item(element(0x00081150, "UI", b"1", length=9)))
    ),
    "an item longer than its sequence": document(element(SEQUENCE, "SQ", item(b"", length=8))),
    "no item in a sequence": document(element(SEQUENCE, "SQ", text(0x00081150, "UI", "1.2.840.1"))),
    "a sequence that ends in an item header": document(element(SEQUENCE, "SQ", item()[:6])),
    "an item that ends in an element header": document(element(SEQUENCE, "SQ", item(b"\x08\0\x50"))),
    "an item without its delimiter": document(element(SEQUENCE, "SQ", item(b"", length=UNDEFINED))),
    "a sequence without its delimiter": document(
        element(SEQUENCE, "SQ", item(element(SEQUENCE, "SQ", item(), length=UNDEFINED)))
    ),
    "a delimiter outside of a sequence": document(ITEM_END),
    "file meta information in the data set": document(text(0x00020010, "UI", EXPLICIT)),
    "text of undefined length": document(element(0x00420012, "UT", b"", length=UNDEFINED)),
    "no value representation": document(b"\x42\0\x12\x00\0\0\0\0"),
    "an element hidden behind the pixel data": native_slice(behind=text(0x00100040, "CS", "F")),
    "a patient hidden behind the pixel data": native_slice(
        behind=text(0x00100020, "LO", "X" * 60) + text(0xFFFD0010, "LO", "X" * 60)
    ),
    "data behind zero padding": native_slice(behind=bytes(16) + b"payload of a polyglot"),
    "text as pixel data": part10(identity() + image() + element(0x7FE00010, "LT", bytes(32))),
}


@pytest.mark.parametrize("data", _FLAWS.values(), ids=_FLAWS.keys())
def test_a_flaw_of_structure_is_refused(data: bytes) -> None:
    with pytest.raises(errors.MalformedError) as refusal:
        scan(data)

    assert refusal.value.code == "dicom-malformed"
    assert "byte" in str(refusal.value)


@pytest.mark.parametrize(
    ("syntax", "pixels"),
    [
        (EXPLICIT, element(0x7FE00010, "OB", encoded.fragments(b"abcd"), length=UNDEFINED)),
        (encoded.JPEG_LOSSLESS, PIXELS),
    ],
)
def test_pixel_data_that_contradicts_the_transfer_syntax_is_refused(syntax: str, pixels: bytes) -> None:
    with pytest.raises(errors.FragmentsError):
        scan(part10(identity() + image() + pixels, syntax=syntax))


@pytest.mark.parametrize("uid", ["", "1.2.x", "1" * 65, "1 2", "../etc"])
def test_an_object_without_a_valid_uid_is_refused(uid: str) -> None:
    broken = identity().replace(text(0x0020000D, "UI", "1.2.3"), text(0x0020000D, "UI", uid))

    with pytest.raises(errors.UidError, match=r"\(0020,000D\) StudyInstanceUID"):
        scan(part10(broken + image() + PIXELS))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (encoded.word(0x00280010, 4), b""),
        (encoded.word(0x00280010, 4), encoded.word(0x00280010, 0)),
        (encoded.word(0x00280010, 4), text(0x00280010, "LO", "four")),
        (encoded.word(0x00280100, 16), encoded.word(0x00280100, 12)),
        (text(0x00280008, "IS", "1"), text(0x00280008, "IS", "-1")),
        (text(0x00280008, "IS", "1"), text(0x00280008, "IS", "1.5")),
    ],
)
def test_an_image_that_is_not_described_is_refused(old: bytes, new: bytes) -> None:
    with pytest.raises(errors.ImageAttributeError):
        scan(part10(identity() + image().replace(old, new) + PIXELS))


@pytest.mark.parametrize("data", [b"GIF89a" + bytes(200), b"PK\x03\x04" + bytes(200), b"plain text " * 20])
def test_another_kind_of_file_is_not_dicom(data: bytes) -> None:
    with pytest.raises(errors.NotDicomError):
        scan(data)


def test_a_dicomdir_is_no_object() -> None:
    with pytest.raises(errors.DirectoryError) as refusal:
        scan(part10(identity(), sop_class="1.2.840.10008.1.3.10"))

    assert refusal.value.code == "dicomdir"


def test_an_unknown_transfer_syntax_is_refused() -> None:
    with pytest.raises(errors.UnsupportedTransferSyntaxError):
        scan(part10(identity(), syntax="1.2.840.113619.5.2"))


def test_a_refusal_never_names_a_value_of_the_patient() -> None:
    secret = text(0x00100010, "PN", "Secret^Person") + text(0x00100010, "PN", "Secret^Person")

    with pytest.raises(errors.ScanError) as refusal:
        scan(part10(secret))

    assert "Secret" not in str(refusal.value)
    assert "(0010,0010)" in str(refusal.value)


# --- limits -----------------------------------------------------------------------------------------------------------


def _nested(depth: int) -> bytes:
    content = b""
    for _ in range(depth):
        content = element(SEQUENCE, "SQ", item(content))
    return document(content)


def test_sixteen_sequences_may_be_nested() -> None:
    assert scan(_nested(16)).pixel is None


def test_a_seventeenth_nested_sequence_is_refused() -> None:
    with pytest.raises(errors.LimitExceededError, match="deeper than 16"):
        scan(_nested(17))


def test_too_many_elements_are_refused() -> None:
    private = b"".join(element(0x00110000 | number, "LO", b"") for number in range(0x10, 0x80))

    with pytest.raises(errors.LimitExceededError, match="more than 100 elements"):
        _scan_within(Limits(elements=100), document(private))


def test_too_many_items_are_refused() -> None:
    with pytest.raises(errors.LimitExceededError, match="more than 50000 sequence items"):
        scan(document(element(SEQUENCE, "SQ", item() * 50_001)))


def test_too_large_a_header_is_refused_without_waiting_for_it() -> None:
    claim = element(0x00420012, "UT", b"", length=0xFFFFFFF0)

    with pytest.raises(errors.LimitExceededError, match="header exceeds"):
        Scanner().feed(document(claim))


def test_many_elements_that_exceed_the_header_together_are_refused() -> None:
    large = b"".join(element(0x00110000 | number, "LT", b"x" * 4000) for number in range(0x10, 0x80))

    with pytest.raises(errors.LimitExceededError, match="header exceeds 65536 bytes"):
        _scan_within(Limits(head_bytes=65536), document(large))


def test_too_many_values_are_refused() -> None:
    with pytest.raises(errors.LimitExceededError, match="values"):
        scan(document(element(0x00420012, "UC", b"\\" * 2_000_001)))


def test_a_small_deflated_object_that_inflates_to_gigabytes_is_refused() -> None:
    compressor = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    bomb = compressor.compress(identity(sop_class=encoded.PDF) + element(0x00420011, "OB", length=0xFFFFFFF0))
    bomb += compressor.compress(bytes(64 << 20)) + compressor.flush()

    with pytest.raises(errors.LimitExceededError, match="deflated data set exceeds"):
        _scan_within(Limits(inflated_bytes=32 << 20), part10(bomb, syntax=DEFLATED))


def test_data_behind_the_deflate_stream_is_refused_in_whatever_chunk_it_comes() -> None:
    scanner = Scanner()
    scanner.feed(encoded.deflated_slice())
    scanner.feed(b"12345678")

    with pytest.raises(errors.MalformedError, match="follows the deflated data set"):
        scanner.feed(b"9")


def test_damage_in_a_deflated_data_set_is_refused() -> None:
    with pytest.raises(errors.MalformedError, match="damaged"):
        scan(part10(b"\xff" * 64, syntax=DEFLATED))


def test_an_image_that_decodes_to_more_than_four_gibibytes_is_refused() -> None:
    with pytest.raises(errors.LimitExceededError, match="decoded image"):
        scan(part10(identity() + image(rows=65535, columns=65535) + PIXELS))


FRAMES = 0x00280008


@pytest.mark.parametrize(
    "claimed",
    [element(FRAMES, "IS", b"500001"), element(FRAMES, "IS", b"1e12"), element(FRAMES, "FD", struct.pack("<d", 1e300))],
)
def test_a_small_object_that_claims_endless_frames_is_refused(claimed: bytes) -> None:
    """Whoever arranges its series would make a list of them, pixels or none."""
    with pytest.raises(errors.LimitExceededError, match="more than 500000 frames"):
        scan(document(claimed))


def test_as_many_frames_as_fragments_are_no_fault() -> None:
    assert scan(document(element(FRAMES, "IS", b"500000"))).pixel is None


def test_a_video_that_claims_endless_frames_is_refused() -> None:
    one_pixel = image(rows=1, columns=1, bits=8, frames=2**31 - 1)
    fragments = element(0x7FE00010, "OB", length=UNDEFINED) + item(b"") + item(bytes(8)) + SEQUENCE_END

    with pytest.raises(errors.LimitExceededError, match="more than 500000 frames"):
        scan(part10(identity() + one_pixel + fragments, syntax="1.2.840.10008.1.2.4.102"))


def test_a_value_that_claims_four_gigabytes_costs_no_memory_and_is_truncated() -> None:
    with pytest.raises(errors.TruncatedError):
        scan(document(element(0x00420011, "OB", b"%PDF", length=0xFFFFFFF0)))


def _scan_within(limits: Limits, data: bytes) -> None:
    scanner = Scanner(limits)
    scanner.feed(data)
    scanner.finish()
