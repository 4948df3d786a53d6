"""The layout of an object: where each byte stands, and how large it is."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vault.builders import TENANT
from vault import objects
from vault.errors import ObjectTamperedError
from vault.objects import ObjectKind, Prefix

PREFIX = Prefix(
    key_id=UUID("11111111-1111-7111-8111-111111111111"),
    object_id=UUID("22222222-2222-7222-8222-222222222222"),
    kind=ObjectKind.RENDERED,
)
BYTES = bytes.fromhex(
    "44504f310101003011111111111171118111111111111111222222222222722282222222222222220003000000000000"
)


def test_the_prefix_stands_as_specified() -> None:
    assert PREFIX.pack() == BYTES


def test_a_prefix_reads_back() -> None:
    assert Prefix.parse(BYTES + b"more") == PREFIX


def test_the_associated_data_ends_with_the_tenant_which_the_object_does_not_hold() -> None:
    assert PREFIX.associated_data(TENANT) == BYTES + TENANT.bytes


@pytest.mark.parametrize("at", [0, 3, 4, 5, 6, 7, 40, 42, 43, 44, 47])
def test_a_prefix_with_another_fixed_byte_is_refused(at: int) -> None:
    changed = bytearray(BYTES)
    changed[at] ^= 0x20

    with pytest.raises(ObjectTamperedError, match="no object of this portal"):
        Prefix.parse(bytes(changed))


def test_a_prefix_that_is_too_short_is_refused() -> None:
    with pytest.raises(ObjectTamperedError, match="no object of this portal"):
        Prefix.parse(BYTES[:47])


@pytest.mark.parametrize(
    ("plain", "segments", "cipher"),
    [
        (0, 1, 122 + 32),
        (1, 1, 122 + 33),
        (65_504, 1, 122 + 65_536),
        (65_505, 2, 122 + 65_536 + 33),
        (131_008, 2, 122 + 2 * 65_536),
    ],
)
def test_a_plain_size_has_one_cipher_size(plain: int, segments: int, cipher: int) -> None:
    assert (objects.count_segments(plain), objects.cipher_size(plain)) == (segments, cipher)


@given(st.integers(0, 1 << 40))
def test_a_longer_content_is_a_longer_object(size: int) -> None:
    assert objects.cipher_size(size + 1) > objects.cipher_size(size)


def test_a_frame_of_512_kib_grows_by_less_than_a_thousandth() -> None:
    assert objects.cipher_size(524_288) / 524_288 <= 1.001
