"""The keyring outside the database, and the root key that wraps it."""

import stat
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.vault.builders import OTHER_TENANT, TENANT
from vault.errors import KeyringError
from vault.keyring import EpochMissingError, Keyring
from vault.storage.file import FileStorage

ROOT_HEX = "00" * 31 + "01"


@pytest.fixture
def keyring_store(tmp_path: Path) -> FileStorage:
    return FileStorage(tmp_path / "keyring")


@pytest.fixture
def root_file(tmp_path: Path) -> Path:
    return tmp_path / "secrets" / "root.key"


def keyring_of(store: FileStorage, root: Path | str) -> Keyring:
    return Keyring(store, root if isinstance(root, str) else f"file:{root}")


def write_root(path: Path, text: str, mode: int = 0o600) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(mode)


def test_an_epoch_is_made_once_and_found_by_another_process(keyring_store: FileStorage, root_file: Path) -> None:
    keyring_of(keyring_store, root_file).create_epoch(TENANT, 1)
    before = keyring_of(keyring_store, root_file).epoch_key(TENANT, 1)._value

    keyring_of(keyring_store, root_file).create_epoch(TENANT, 1)

    assert keyring_of(keyring_store, root_file).epoch_key(TENANT, 1)._value == before


def test_epochs_and_tenants_have_keys_of_their_own(keyring_store: FileStorage, root_file: Path) -> None:
    keyring = keyring_of(keyring_store, root_file)
    places = [(TENANT, 1), (TENANT, 2), (OTHER_TENANT, 1)]
    for tenant_id, epoch in places:
        keyring.create_epoch(tenant_id, epoch)

    assert len({keyring.epoch_key(*place)._value for place in places}) == 3


def test_a_file_of_the_keyring_holds_no_key_in_clear(keyring_store: FileStorage, root_file: Path) -> None:
    keyring = keyring_of(keyring_store, root_file)
    keyring.create_epoch(TENANT, 1)

    path = keyring_store.root / f"{TENANT}/1.kek"
    assert keyring.epoch_key(TENANT, 1)._value not in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_epoch_copied_to_another_tenant_does_not_open(keyring_store: FileStorage, root_file: Path) -> None:
    keyring = keyring_of(keyring_store, root_file)
    keyring.create_epoch(TENANT, 1)
    keyring_store.put(f"{OTHER_TENANT}/1.kek", keyring_store.get(f"{TENANT}/1.kek") or b"", is_replacing=False)

    with pytest.raises(KeyringError, match="damaged, or belongs to another root key"):
        keyring.epoch_key(OTHER_TENANT, 1)


def test_a_destroyed_epoch_is_gone_from_disk_and_memory(keyring_store: FileStorage, root_file: Path) -> None:
    keyring = keyring_of(keyring_store, root_file)
    keyring.create_epoch(TENANT, 1)
    keyring.epoch_key(TENANT, 1)

    keyring.destroy_epoch(TENANT, 1)

    with pytest.raises(EpochMissingError, match="lacks epoch 1"):
        keyring.epoch_key(TENANT, 1)


def test_an_epoch_stays_in_memory_until_it_is_forgotten(keyring_store: FileStorage, root_file: Path) -> None:
    keyring = keyring_of(keyring_store, root_file)
    keyring.create_epoch(TENANT, 1)
    keyring.epoch_key(TENANT, 1)
    keyring_store.delete([f"{TENANT}/1.kek"])

    keyring.epoch_key(TENANT, 1)
    keyring.forget()
    with pytest.raises(EpochMissingError):
        keyring.epoch_key(TENANT, 1)


@pytest.mark.parametrize("data", [b"", b"DPE1", b"none of ours", b"DPE1" + bytes(60)])
def test_a_damaged_file_of_the_keyring_is_told(keyring_store: FileStorage, root_file: Path, data: bytes) -> None:
    keyring = keyring_of(keyring_store, root_file)
    keyring.create_epoch(TENANT, 1)
    keyring_store.put(f"{TENANT}/1.kek", data, is_replacing=True)

    with pytest.raises(KeyringError, match="damaged"):
        keyring.epoch_key(TENANT, 1)


# --- root keys --------------------------------------------------------------------------------------------------------


def test_a_root_key_is_made_on_first_use_with_a_warning(keyring_store: FileStorage, root_file: Path) -> None:
    with capture_logs() as lines:
        keyring_of(keyring_store, root_file).create_epoch(TENANT, 1)

    assert [(line["event"], line["log_level"], line["path_name"]) for line in lines] == [
        ("root_key.created", "warning", "root.key")
    ]
    assert stat.S_IMODE(root_file.stat().st_mode) == 0o600
    assert root_file.read_text().strip() not in str(lines)
    assert [path.name for path in root_file.parent.iterdir()] == ["root.key"]


def test_a_missing_root_key_is_not_made_anew_beside_a_full_keyring(keyring_store: FileStorage, root_file: Path) -> None:
    keyring_of(keyring_store, root_file).create_epoch(TENANT, 1)
    root_file.unlink()

    with pytest.raises(KeyringError, match="restore it from its copy"):
        keyring_of(keyring_store, root_file).create_epoch(TENANT, 2)
    assert not root_file.exists()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666])
def test_a_root_key_that_others_can_read_is_refused(keyring_store: FileStorage, root_file: Path, mode: int) -> None:
    write_root(root_file, ROOT_HEX, mode)

    with pytest.raises(KeyringError, match="readable by others: chmod 600"):
        keyring_of(keyring_store, root_file).create_epoch(TENANT, 1)


@pytest.mark.parametrize(
    ("text", "words"), [("", "has 0 bytes"), ("ab" * 16, "has 16 bytes, not 32"), ("zz" * 32, "64 hexadecimal digits")]
)
def test_a_malformed_root_key_is_refused(keyring_store: FileStorage, root_file: Path, text: str, words: str) -> None:
    write_root(root_file, text)

    with pytest.raises(KeyringError, match=words):
        keyring_of(keyring_store, root_file).create_epoch(TENANT, 1)


def test_a_credential_is_read_but_never_made(keyring_store: FileStorage, root_file: Path) -> None:
    with pytest.raises(KeyringError, match="missing"):
        keyring_of(keyring_store, f"credential:{root_file}").create_epoch(TENANT, 1)
    write_root(root_file, ROOT_HEX + "\n", 0o400)

    keyring_of(keyring_store, f"credential:{root_file}").create_epoch(TENANT, 1)

    made = keyring_of(keyring_store, f"credential:{root_file}").epoch_key(TENANT, 1)
    assert keyring_of(keyring_store, f"file:{root_file}").epoch_key(TENANT, 1)._value == made._value


def test_a_passphrase_opens_what_it_made_and_another_does_not(keyring_store: FileStorage) -> None:
    keyring_of(keyring_store, "passphrase:correct horse").create_epoch(TENANT, 1)

    keyring_of(keyring_store, "passphrase:correct horse").epoch_key(TENANT, 1)
    with pytest.raises(KeyringError, match="another root key"):
        keyring_of(keyring_store, "passphrase:battery staple").epoch_key(TENANT, 1)


def test_a_lost_salt_is_not_made_anew(keyring_store: FileStorage) -> None:
    keyring_of(keyring_store, "passphrase:correct horse").create_epoch(TENANT, 1)
    keyring_store.delete(["root.salt"])

    with pytest.raises(KeyringError, match="salt of the passphrase is missing"):
        keyring_of(keyring_store, "passphrase:correct horse").epoch_key(TENANT, 1)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("kms:arn:aws:kms:eu-west-1:1:key/2", "root key in KMS is"),
        ("pkcs11:token=a", "lacks module-path"),
        ("passphrase:", "BITEWING_ROOT_KEY_URL is"),
        ("credential:root", "BITEWING_ROOT_KEY_URL is"),
        ("", "BITEWING_ROOT_KEY_URL is"),
    ],
)
def test_other_roots_are_refused_with_a_clear_text(keyring_store: FileStorage, url: str, words: str) -> None:
    with pytest.raises(KeyringError, match=words):
        keyring_of(keyring_store, url).create_epoch(TENANT, 1)


def test_a_probe_needs_root_key_and_a_writable_keyring(keyring_store: FileStorage, root_file: Path) -> None:
    keyring_of(keyring_store, root_file).probe()
    root_file.chmod(0o644)

    with pytest.raises(KeyringError, match="readable by others"):
        keyring_of(keyring_store, root_file).probe()


def test_a_keyring_does_not_show_the_address_of_its_root(keyring_store: FileStorage) -> None:
    assert repr(keyring_of(keyring_store, "passphrase:correct horse")) == "<Keyring>"
