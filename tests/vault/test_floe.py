"""FLOE against its published vectors, against the slow second implementation, and against everything that is wrong."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vault.builders import open_message, seal_message
from tests.vault.reference_floe import Reference
from vault import floe

KEY = bytes(range(32))
AAD = b"associated data"
SMALL = floe.Parameters(segment_size=64)
TINY = floe.Parameters(segment_size=40, rotation_bits=2)
PUBLISHED_KEY = bytes(32)
PUBLISHED_AAD = b"This is AAD"
PUBLISHED = [
    ("cpp_GCM256_IV256_4K", 4096, 20),
    ("cpp_GCM256_IV256_64", 64, 20),
    ("cpp_rotation", 40, 2),
    ("go_GCM256_IV256_4K", 4096, 20),
    ("go_GCM256_IV256_64", 64, 20),
    ("go_rotation", 40, 2),
    ("java_GCM256_IV256_4K", 4096, 20),
    ("java_GCM256_IV256_64", 64, 20),
    ("java_lastSegAligned", 40, 20),
    ("java_lastSegEmpty", 40, 20),
    ("java_rotation", 40, 2),
    ("pub_java_GCM256_IV256_4K", 4096, 20),
    ("pub_java_GCM256_IV256_64", 64, 20),
    ("pub_java_rotation", 40, 2),
    ("rust_GCM256_IV256_4K", 4096, 20),
    ("rust_GCM256_IV256_64", 64, 20),
    ("rust_rotation", 40, 2),
]


def nonce_of(number: int) -> bytes:
    return hashlib.sha256(b"nonce %d" % number).digest()[:12]


@pytest.mark.parametrize(("name", "segment_size", "rotation_bits"), PUBLISHED)
def test_a_published_vector_opens(data_folder: Path, name: str, segment_size: int, rotation_bits: int) -> None:
    sealed = bytes.fromhex((data_folder / f"floe-kat/{name}_ct.txt").read_text())
    plain = bytes.fromhex((data_folder / f"floe-kat/{name}_pt.txt").read_text())
    parameters = floe.Parameters(segment_size, rotation_bits)

    assert open_message(PUBLISHED_KEY, PUBLISHED_AAD, sealed, parameters) == plain


@pytest.mark.parametrize(
    ("parameters", "size", "digest"),
    [
        (floe.PRODUCTION, 0, "50b4251dbf060f8f4d0f1c0267806e377f294c2c144bc8fcccab343c1638febe"),
        (floe.PRODUCTION, 65_504, "8d7f80d2b9c849e602127d35b599889fb3ca6dbbe1b1c361ea12a32dc100dbfb"),
        (floe.PRODUCTION, 70_000, "0269c8461e5696dd7328178f5613882b86fa75d89a27b85d8583ccb96e931402"),
        (SMALL, 100, "9d04f516075949d7c02243a72965ad7e4a926ae3959faa770be34900e27fecba"),
        (TINY, 64, "8ce2f06c18a21d6b7dfde75faeaed4e60077c099ad871dc509545aef727b5fde"),
    ],
)
def test_our_own_known_answers_hold_in_both(parameters: floe.Parameters, size: int, digest: str) -> None:
    content = bytes(number % 251 for number in range(size))
    reference = Reference(KEY, AAD, bytes(range(32, 64)), parameters.segment_size, parameters.rotation_bits)
    step = parameters.payload_size
    parts = [content[at : at + step] for at in range(0, size, step)] or [b""]

    sealed = reference.header + reference.seal(parts, nonce_of)

    assert hashlib.sha256(sealed).hexdigest() == digest
    assert open_message(KEY, AAD, sealed, parameters) == content


@given(content=st.binary(max_size=300), aad=st.binary(max_size=40), size=st.integers(33, 80), bits=st.integers(0, 3))
def test_what_we_seal_is_what_the_reference_seals(content: bytes, aad: bytes, size: int, bits: int) -> None:
    parameters = floe.Parameters(size, bits)
    step = parameters.payload_size
    parts = [content[at : at + step] for at in range(0, len(content), step)] or [b""]

    sealed = seal_message(KEY, aad, content, parameters)

    reference = Reference(KEY, aad, sealed[10:42], size, bits)
    expected = reference.header + reference.seal(parts, lambda number: sealed[74 + number * size :][4:16])
    assert sealed == expected


@given(content=st.binary(max_size=400), size=st.integers(33, 100), bits=st.integers(0, 3))
def test_a_message_opens_to_what_was_sealed(content: bytes, size: int, bits: int) -> None:
    parameters = floe.Parameters(size, bits)

    assert open_message(KEY, AAD, seal_message(KEY, AAD, content, parameters), parameters) == content


def test_two_messages_of_the_same_content_share_nothing() -> None:
    first, second = (seal_message(KEY, AAD, b"content", SMALL) for _ in range(2))

    assert first[10:42] != second[10:42]
    assert first[74:] != second[74:]


@pytest.mark.parametrize(
    ("key", "aad", "parameters"),
    [(bytes(32), AAD, SMALL), (KEY, b"other data", SMALL), (KEY, AAD, TINY), (KEY, AAD, floe.PRODUCTION)],
    ids=["key", "associated data", "segment size", "production"],
)
def test_the_header_commits_to_key_data_and_parameters(key: bytes, aad: bytes, parameters: floe.Parameters) -> None:
    header = seal_message(KEY, AAD, b"content", SMALL)[: floe.HEADER_SIZE]

    with pytest.raises(floe.FloeError, match="the header"):
        floe.start_decryption(key, aad, header, parameters)


@pytest.mark.parametrize("length", [0, 1, 41, 73, 75])
def test_a_header_of_another_length_is_refused(length: int) -> None:
    header = (seal_message(KEY, AAD, b"content", SMALL) + bytes(9))[:length]

    with pytest.raises(floe.FloeError, match="the header"):
        floe.start_decryption(KEY, AAD, header, SMALL)


def test_a_segment_does_not_open_at_another_position() -> None:
    sealed = seal_message(KEY, AAD, bytes(96), SMALL)
    message = floe.start_decryption(KEY, AAD, sealed[:74], SMALL)

    with pytest.raises(floe.FloeError, match="segment 1 is not authentic"):
        message.decrypt_segment(memoryview(sealed)[74:138], 1, is_last=False, into=memoryview(bytearray(32)))


@pytest.mark.parametrize(("is_last", "words"), [(True, "does not end"), (False, "has 42 bytes")])
def test_a_segment_does_not_open_as_last_or_not_last_when_it_is_the_opposite(is_last: bool, words: str) -> None:
    sealed = seal_message(KEY, AAD, bytes(42), SMALL)
    message = floe.start_decryption(KEY, AAD, sealed[:74], SMALL)
    segment = memoryview(sealed)[74:138] if is_last else memoryview(sealed)[138:]

    with pytest.raises(floe.FloeError, match=words):
        message.decrypt_segment(segment, 0, is_last=is_last, into=memoryview(bytearray(64)))


@pytest.mark.parametrize(("size", "is_last"), [(31, False), (33, False), (33, True)])
def test_a_payload_that_fits_no_segment_is_a_programming_error(size: int, is_last: bool) -> None:
    message, _ = floe.start_encryption(KEY, AAD, SMALL)

    with pytest.raises(ValueError, match="do not fit"):
        message.encrypt_segments([bytes(size)], 0, is_last=is_last, into=memoryview(bytearray(99)))


def test_the_state_of_a_message_does_not_show_its_keys() -> None:
    message, _ = floe.start_encryption(KEY, AAD, SMALL)

    assert repr(message) == "<floe.Message>"
