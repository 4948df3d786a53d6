"""Wrapping, sealed columns, and what keys do not show."""

import copy
import pickle
from typing import Any

import pytest

from common.ids import uuid7
from tests.vault.builders import OTHER_TENANT, TENANT
from tests.vault.reference_floe import gcm_seal, hkdf_expand
from vault import columns
from vault.cache import ExpiringCache
from vault.errors import ObjectTamperedError
from vault.keys import DataKey, EpochKey, RootKey

VALUE = bytes(range(32))
KEY_ID = uuid7()
PLACE: dict[str, Any] = {"tenant_id": TENANT, "key_id": KEY_ID, "epoch": 3}


def test_a_wrapped_key_is_60_bytes_and_as_specified() -> None:
    wrapped = EpochKey(VALUE).wrap(DataKey(bytes(32)), **PLACE)

    aad = b"DPK1" + TENANT.bytes + KEY_ID.bytes + bytes([0, 0, 0, 3])
    assert len(wrapped) == 60
    assert wrapped[12:] == gcm_seal(VALUE, wrapped[:12], bytes(32), aad)


def test_a_wrapped_key_unwraps() -> None:
    epoch_key = EpochKey(VALUE)

    assert epoch_key.unwrap(epoch_key.wrap(DataKey(b"k" * 32), **PLACE), **PLACE).reveal() == b"k" * 32


@pytest.mark.parametrize("change", [{"tenant_id": OTHER_TENANT}, {"key_id": uuid7()}, {"epoch": 4}])
def test_a_wrapped_key_is_bound_to_its_place(change: dict[str, Any]) -> None:
    epoch_key = EpochKey(VALUE)
    wrapped = epoch_key.wrap(DataKey.fresh(), **PLACE)

    with pytest.raises(ObjectTamperedError, match="wrapped key"):
        epoch_key.unwrap(wrapped, **(PLACE | change))


@pytest.mark.parametrize("length", [0, 5, 12, 59])
def test_a_shortened_wrapped_key_is_refused(length: int) -> None:
    epoch_key = EpochKey(VALUE)

    with pytest.raises(ObjectTamperedError, match="wrapped key"):
        epoch_key.unwrap(epoch_key.wrap(DataKey.fresh(), **PLACE)[:length], **PLACE)


def test_an_epoch_does_not_unwrap_under_another_root() -> None:
    sealed = RootKey(VALUE).wrap_epoch(b"e" * 32, tenant_id=TENANT, epoch=1)

    with pytest.raises(ObjectTamperedError, match="wrapped key"):
        RootKey(bytes(32)).unwrap_epoch(sealed, tenant_id=TENANT, epoch=1)


def test_the_check_value_is_derived() -> None:
    assert DataKey(VALUE).check_value == hkdf_expand(VALUE, b"kcv", 8)


@pytest.mark.parametrize("kind", [DataKey, EpochKey, RootKey])
def test_keys_are_neither_shown_nor_pickled(kind: type[DataKey]) -> None:
    key = kind(VALUE)

    assert repr(key) == f"<{kind.__name__}>"
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(key)
    with pytest.raises(TypeError, match="not pickled"):
        copy.deepcopy(key)


def test_a_key_of_another_length_is_a_programming_error() -> None:
    with pytest.raises(ValueError, match="32 bytes, not 16"):
        DataKey(bytes(16))


# --- columns ----------------------------------------------------------------------------------------------------------

COLUMN: dict[str, Any] = {"key": DataKey(VALUE), "tenant_id": TENANT, "key_id": KEY_ID, "label": "header"}


def test_a_sealed_column_is_32_bytes_longer_and_as_specified() -> None:
    sealed = columns.seal(b"content", **COLUMN)

    aad = b"DPC1" + TENANT.bytes + KEY_ID.bytes + b"header"
    assert len(sealed) == 32 + 7
    assert sealed == b"DPC1" + sealed[4:16] + gcm_seal(hkdf_expand(VALUE, b"column", 32), sealed[4:16], b"content", aad)


@pytest.mark.parametrize("data", [b"", b"x", bytes(100_000)])
def test_a_sealed_column_opens(data: bytes) -> None:
    assert columns.unseal(memoryview(columns.seal(data, **COLUMN)), **COLUMN) == data


@pytest.mark.parametrize(
    "change", [{"tenant_id": OTHER_TENANT}, {"key_id": uuid7()}, {"label": "other"}, {"key": DataKey(bytes(32))}]
)
def test_a_sealed_column_is_bound_to_its_place(change: dict[str, Any]) -> None:
    sealed = columns.seal(b"content", **COLUMN)

    with pytest.raises(ObjectTamperedError, match="sealed column"):
        columns.unseal(sealed, **(COLUMN | change))


@pytest.mark.parametrize("byte", range(39))
def test_every_byte_of_a_sealed_column_is_bound(byte: int) -> None:
    sealed = bytearray(columns.seal(b"content", **COLUMN))
    sealed[byte] ^= 1

    with pytest.raises(ObjectTamperedError, match="sealed column"):
        columns.unseal(bytes(sealed), **COLUMN)


@pytest.mark.parametrize("length", range(39))
def test_a_sealed_column_cut_at_any_length_is_refused(length: int) -> None:
    with pytest.raises(ObjectTamperedError, match="sealed column"):
        columns.unseal(columns.seal(b"content", **COLUMN)[:length], **COLUMN)


# --- cache ------------------------------------------------------------------------------------------------------------


def test_a_cache_keeps_the_most_recently_used() -> None:
    cache: ExpiringCache[str, int] = ExpiringCache(size=2)
    cache.put("a", 1)
    cache.put("b", 2)
    cache.get("a")
    cache.put("c", 3)

    assert (cache.get("a"), cache.get("b"), cache.get("c")) == (1, None, 3)


def test_a_cache_forgets_after_its_lifetime() -> None:
    cache: ExpiringCache[str, int] = ExpiringCache(size=2, lifetime_s=-1)
    cache.put("a", 1)

    assert cache.get("a") is None


def test_a_cache_drops_one_or_all() -> None:
    cache: ExpiringCache[str, int] = ExpiringCache(size=3)
    cache.put("a", 1)
    cache.put("b", 2)
    cache.drop("a")

    assert (cache.get("a"), cache.get("b")) == (None, 2)
    cache.clear()
    assert cache.get("b") is None
