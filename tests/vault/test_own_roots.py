"""Keys that the tenant holds: in its KMS, its HSM or a file of its own; taken away, nothing opens within a minute."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pkcs11
import pytest
from moto import mock_aws
from moto.core.exceptions import JsonRESTError
from moto.kms.models import KmsBackend

from accounts.models import Tenant
from tests.vault.stored import Stored, store
from vault import keyring, services, watch
from vault.errors import KeyringError, KeyWithdrawnError, ObjectTamperedError
from vault.hsm import HsmRoot
from vault.kms import KmsRoot

REGION = "eu-central-1"
# No more than this after the withdrawal, whatever was in memory.
A_MINUTE_S = 60
Later = Callable[[float], None]


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Iterator[Later]:
    """Let time pass for what is kept in memory."""
    passed = 0.0

    def pass_(seconds: float) -> None:
        nonlocal passed
        passed += seconds

    monkeypatch.setattr(watch._watch, "looked", 0.0)
    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + passed)
    for module in ("cache", "keyring", "watch"):
        monkeypatch.setattr(f"vault.{module}.time", clock)
    yield pass_
    watch.forget()


def reading(study: Stored) -> str:
    """Return what comes of reading a study."""
    try:
        return "opens" if study.read() == study.contents else "differs"
    except KeyWithdrawnError:
        return "withdrawn"


# --- AWS KMS ----------------------------------------------------------------------------------------------------------


def refusing_disabled_keys(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Let moto do what AWS does: a disabled key is not used (KMS API Reference, DisabledException)."""

    def refuse_or_do(backend: KmsBackend, *words: Any, key_id: str, **named: Any) -> Any:
        key = backend.keys.get(key_id.rpartition("/")[2])
        if key is not None and not key.enabled:
            raise JsonRESTError("DisabledException", "The key is disabled.")
        return verb(backend, *words, key_id=key_id, **named)

    return refuse_or_do


@pytest.fixture
def kms(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A key in a KMS that lives in memory; yields its ARN."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    for verb in ("encrypt", "decrypt"):
        monkeypatch.setattr(KmsBackend, verb, refusing_disabled_keys(getattr(KmsBackend, verb)))
    with mock_aws():
        yield boto3.client("kms", region_name=REGION).create_key()["KeyMetadata"]["Arn"]


def switch(arn: str, verb: str) -> None:
    getattr(boto3.client("kms", region_name=REGION), verb)(KeyId=arn.rpartition("/")[2])


@pytest.mark.req("X-04")
@pytest.mark.django_db(transaction=True)
def test_a_key_that_is_withdrawn_from_kms_closes_everything_of_its_tenant_within_a_minute(
    transactional_db: None, vault_folder: Path, kms: str, later: Later
) -> None:
    tenant, other = (Tenant.objects.create(slug=slug, name=slug) for slug in ("centre-a", "centre-b"))
    mine, theirs = store(tenant, "1.1"), store(other, "1.1")
    services.change_root(tenant_id=tenant.id, root=f"kms:{kms}")
    assert (reading(mine), keyring.current().has_epoch(tenant.id, 1)) == ("opens", False)
    later(40)
    assert reading(mine) == "opens"

    switch(kms, "disable_key")
    later(A_MINUTE_S)

    assert (reading(mine), reading(theirs)) == ("withdrawn", "opens")
    with pytest.raises(KeyWithdrawnError):
        store(tenant, "1.2")
    switch(kms, "enable_key")
    assert reading(mine) == "opens"


@pytest.mark.req("X-04")
@pytest.mark.django_db(transaction=True)
def test_a_tenant_goes_back_to_the_root_of_the_deployment(
    transactional_db: None, vault_folder: Path, kms: str, later: Later
) -> None:
    tenant = Tenant.objects.create(slug="centre-a", name="Centre A")
    study = store(tenant, "1.1")
    services.change_root(tenant_id=tenant.id, root=f"kms:{kms}")
    services.change_root(tenant_id=tenant.id, root="")
    switch(kms, "disable_key")
    later(A_MINUTE_S)

    assert reading(study) == "opens"


def test_what_kms_wrapped_is_bound_to_deployment_tenant_and_epoch(kms: str, tenant: Tenant) -> None:
    root = KmsRoot(kms, deployment="images.example")
    sealed = root.wrap_epoch(b"k" * 32, tenant_id=tenant.id, epoch=1)

    assert root.unwrap_epoch(sealed, tenant_id=tenant.id, epoch=1).reveal() == b"k" * 32
    for other, epoch in ((KmsRoot(kms, deployment="other.example"), 1), (root, 2)):
        with pytest.raises(ObjectTamperedError):
            other.unwrap_epoch(sealed, tenant_id=tenant.id, epoch=epoch)


def test_a_key_that_nobody_has_changes_nothing(tenant: Tenant, kms: str) -> None:
    absent = f"kms:{kms.rpartition('/')[0]}/00000000-0000-0000-0000-000000000000"

    with pytest.raises(KeyWithdrawnError, match="NotFound"):
        keyring.current().create_epoch(tenant.id, 2, root=absent)

    assert not keyring.current().has_epoch(tenant.id, 2)


@pytest.mark.parametrize(
    "url", ["kms:alias/x", "kms:arn:aws:s3:::bucket", "pkcs11:token=a", "passphrase:words", "ftp:x"]
)
def test_what_is_no_root_of_a_tenant_is_refused(tenant: Tenant, url: str) -> None:
    with pytest.raises(KeyringError, match=r"is kms:|lacks|root key in KMS"):
        keyring.current().create_epoch(tenant.id, 2, root=url)


# --- PKCS #11 ---------------------------------------------------------------------------------------------------------

MODULES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/softhsm/libsofthsm2.so", "/usr/lib/pkcs11/libsofthsm2.so")
PIN = "12345678"


@pytest.fixture(scope="session")
def token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A token of SoftHSM with one AES key that cannot be taken out; yields the path of the library."""
    module = next((path for path in MODULES if Path(path).exists()), None)
    if module is None or shutil.which("softhsm2-util") is None:
        pytest.skip("no SoftHSM: on Debian, apt-get install softhsm2, or run `make test` as root, which installs it")
    folder = tmp_path_factory.mktemp("hsm")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\n")
    with pytest.MonkeyPatch.context() as patch:
        # SoftHSM reads it once in each process, when it is first used.
        patch.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
        words = ["--init-token", "--free", "--label", "practice", "--so-pin", PIN, "--pin", PIN]
        subprocess.run(["softhsm2-util", *words], check=True, capture_output=True)
        with pkcs11.lib(module).get_token(token_label="practice").open(user_pin=PIN, rw=True) as session:
            session.generate_key(pkcs11.KeyType.AES, 256, label="root", store=True)
        yield module


@pytest.fixture
def hsm(token: str, tmp_path: Path) -> str:
    (tmp_path / "pin").write_text(PIN)
    return f"pkcs11:token=practice;object=root?module-path={token}&pin-source=file:{tmp_path}/pin"


@pytest.mark.req("X-04")
@pytest.mark.django_db(transaction=True)
def test_an_hsm_that_refuses_its_pin_closes_everything_within_a_minute(
    transactional_db: None, vault_folder: Path, tmp_path: Path, hsm: str, later: Later
) -> None:
    tenant = Tenant.objects.create(slug="centre-a", name="Centre A")
    study = store(tenant, "1.1")
    services.change_root(tenant_id=tenant.id, root=hsm)
    assert reading(study) == "opens"

    (tmp_path / "pin").write_text("wrong-pin")
    later(A_MINUTE_S)

    assert reading(study) == "withdrawn"
    (tmp_path / "pin").write_text(PIN)
    assert reading(study) == "opens"


def test_what_an_hsm_wrapped_is_bound_to_tenant_and_epoch(tenant: Tenant, other_tenant: Tenant, hsm: str) -> None:
    root = HsmRoot(hsm)
    sealed = root.wrap_epoch(b"k" * 32, tenant_id=tenant.id, epoch=1)

    assert root.unwrap_epoch(sealed, tenant_id=tenant.id, epoch=1).reveal() == b"k" * 32
    for tenant_id, epoch in ((tenant.id, 2), (other_tenant.id, 1)):
        with pytest.raises(ObjectTamperedError):
            root.unwrap_epoch(sealed, tenant_id=tenant_id, epoch=epoch)


@pytest.mark.parametrize(("old", "new"), [("token=practice", "token=x"), ("object=root", "object=x")])
def test_a_token_or_a_key_that_is_not_there_is_withdrawn(tenant: Tenant, hsm: str, old: str, new: str) -> None:
    with pytest.raises(KeyWithdrawnError):
        HsmRoot(hsm.replace(old, new)).wrap_epoch(b"k" * 32, tenant_id=tenant.id, epoch=1)


# --- a file of the tenant's -------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_file_that_is_taken_away_closes_everything_within_a_minute(
    transactional_db: None, vault_folder: Path, tmp_path: Path, later: Later
) -> None:
    tenant = Tenant.objects.create(slug="centre-a", name="Centre A")
    study = store(tenant, "1.1")
    own = tmp_path / "own.key"
    own.write_text(os.urandom(32).hex())
    own.chmod(0o600)
    services.change_root(tenant_id=tenant.id, root=f"file:{own}")

    content = own.read_text()
    own.unlink()
    later(A_MINUTE_S)

    assert reading(study) == "withdrawn"
    own.write_text(content)
    own.chmod(0o600)
    assert reading(study) == "opens"
