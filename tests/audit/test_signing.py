"""Who signs for a tenant, and where the key lies."""

import json
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pytest_django import Settings

from audit import services
from audit.errors import SigningKeyError
from audit.signing import signer_of
from common.ids import NIL, uuid7


@pytest.fixture(autouse=True)
def keyring(tmp_path: Path, settings: Settings) -> Path:
    settings.BITEWING_KEYRING_URL = f"file://{tmp_path}/keyring"
    settings.BITEWING_ROOT_KEY_URL = f"file:{tmp_path}/root.key"
    signer_of.cache_clear()
    return tmp_path / "keyring"


def test_what_a_tenant_signs_is_verified_with_its_public_key() -> None:
    signer = services.signer_of(tenant_id=uuid7())
    Ed25519PublicKey.from_public_bytes(signer.public_key).verify(signer.sign(b"{}"), b"{}")


def test_a_signature_holds_for_its_message_and_key_only() -> None:
    signer, other = services.signer_of(tenant_id=uuid7()), services.signer_of(tenant_id=uuid7())
    signature = signer.sign(b"{}")
    assert services.verifies(public_key=signer.public_key, message=b"{}", signature=signature)
    assert not services.verifies(public_key=signer.public_key, message=b"{1}", signature=signature)
    assert not services.verifies(public_key=other.public_key, message=b"{}", signature=signature)
    assert not services.verifies(public_key=b"short", message=b"{}", signature=signature)


def test_the_key_survives_the_process_that_made_it() -> None:
    tenant_id = uuid7()
    before = services.signer_of(tenant_id=tenant_id).verifier_key
    signer_of.cache_clear()
    assert services.signer_of(tenant_id=tenant_id).verifier_key == before


def test_the_name_stays_when_the_portal_moves_to_another_host(settings: Settings) -> None:
    tenant_id = uuid7()
    settings.BITEWING_BASE_URL = "https://images.example.org:8443"
    before = services.signer_of(tenant_id=tenant_id).name
    settings.BITEWING_BASE_URL = "https://moved.example.org"
    signer_of.cache_clear()
    assert before == services.signer_of(tenant_id=tenant_id).name == f"images.example.org:8443/audit/{tenant_id}"


def test_the_deployment_signs_under_its_own_name() -> None:
    assert services.signer_of(tenant_id=NIL).name.endswith("/audit/deployment")


def test_the_key_lies_in_the_keyring_readable_by_its_owner_alone(keyring: Path) -> None:
    tenant_id = uuid7()
    services.signer_of(tenant_id=tenant_id)
    file = keyring / "signing" / f"{tenant_id}.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert set(json.loads(file.read_bytes())) == {"name", "wrapped"}


def test_a_key_of_another_tenant_is_not_taken_for_ones_own(keyring: Path) -> None:
    one, other = uuid7(), uuid7()
    services.signer_of(tenant_id=one)
    (keyring / "signing" / f"{one}.json").rename(keyring / "signing" / f"{other}.json")
    with pytest.raises(SigningKeyError):
        services.signer_of(tenant_id=other)


def test_the_root_key_is_made_with_the_first_signing_key(keyring: Path) -> None:
    services.signer_of(tenant_id=uuid7())
    assert (keyring.parent / "root.key").exists()


def test_the_key_id_is_that_of_signed_notes() -> None:
    signer = services.signer_of(tenant_id=uuid7())
    name, key_id, encoded = signer.verifier_key.split("+", 2)
    assert (name, key_id, len(encoded)) == (signer.name, signer.key_id.hex(), 44)
