"""What is sealed to two recovery keys opens with either, and with nothing else."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault import recovery
from vault.errors import ObjectTamperedError, RecoveryKeyError
from vault.recovery import RecoveryKey

ONE, TWO, THREE = (RecoveryKey.fresh() for _ in range(3))


def recipients_of(settings: Any, *keys: RecoveryKey) -> list[bytes]:
    settings.BITEWING_RECOVERY_RECIPIENTS = ", ".join(key.recipient for key in keys)
    return recovery.recipients()


@pytest.fixture
def sealed(settings: Any) -> bytes:
    return recovery.seal(b"the keys of all epochs", recipients_of(settings, ONE, TWO))


def test_either_key_opens_it(sealed: bytes) -> None:
    assert [key.open(sealed) for key in (ONE, TWO)] == [b"the keys of all epochs"] * 2


def test_another_key_does_not(sealed: bytes) -> None:
    with pytest.raises(RecoveryKeyError, match="other recovery keys"):
        THREE.open(sealed)


def test_any_changed_byte_is_found(sealed: bytes) -> None:
    for at in range(len(sealed)):
        changed = bytearray(sealed)
        changed[at] ^= 1
        with pytest.raises((ObjectTamperedError, RecoveryKeyError)):
            ONE.open(bytes(changed))


def test_any_shorter_text_is_refused(sealed: bytes) -> None:
    for size in range(len(sealed)):
        with pytest.raises((ObjectTamperedError, RecoveryKeyError)):
            TWO.open(sealed[:size])


@given(st.binary(max_size=400))
def test_any_bytes_are_refused(data: bytes) -> None:
    with pytest.raises((ObjectTamperedError, RecoveryKeyError)):
        ONE.open(b"DPR1" + data)


def test_a_key_comes_back_from_its_file(tmp_path: Path, sealed: bytes) -> None:
    path = tmp_path / "recovery.key"
    path.write_text(ONE.text + "\n")

    assert RecoveryKey.read(path).open(sealed)
    assert ONE.text not in repr(ONE)


@pytest.mark.parametrize("text", ["", "bwr1-secret-short", "bwr1-" + "A" * 43, "bwr1-secret-" + "!" * 43])
def test_a_file_that_is_no_recovery_key_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "x").write_text(text)

    with pytest.raises(RecoveryKeyError, match="43 further characters"):
        RecoveryKey.read(tmp_path / "x")


def test_one_recipient_alone_is_refused(settings: Any) -> None:
    with pytest.raises(RecoveryKeyError, match="two different"):
        recipients_of(settings, ONE, ONE)


def test_no_recipient_is_no_recovery(settings: Any) -> None:
    assert recipients_of(settings) == []
