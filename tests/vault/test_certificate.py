"""A certificate proves by itself what was destroyed; one changed byte, and it proves nothing."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from accounts.models import Tenant
from audit import services as audit
from audit import verify_audit
from config.env import ROOT
from tests.vault.stored import doom, store
from vault import certificate, selectors, services, storage
from vault.services.removal import copy_address

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.req("X-01"), pytest.mark.req("AI-14")]
VERIFIER = ROOT / "audit" / "verify_audit.py"


@pytest.fixture
def file(transactional_db: None, vault_folder: Path) -> Path:
    """The certificate of a destroyed study, as it is handed out."""
    tenant = Tenant.objects.create(slug="centre-a", name="Centre A")
    doomed = store(tenant, "1.2")
    doom(doomed, rule="us-ca-minor", reason="deletion-run:7")
    services.run_barrier(tenant_id=tenant.id)
    data = storage.backups().get(copy_address(tenant.id, doomed.key_id))
    found = selectors.get_certificate(tenant_id=tenant.id, key_id=doomed.key_id)
    signer = audit.signer_of(tenant_id=tenant.id)
    assert data == certificate.envelope(body=found.body, signature=found.signature, verifier_key=signer.verifier_key)
    path = vault_folder / "certificate.json"
    path.write_bytes(data)
    return path


def verify(path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the stand-alone script, with nothing of the portal on its path."""
    command = [sys.executable, "-I", "-S", str(VERIFIER), str(path), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")


def status_of(data: str, path: Path) -> int:
    path.write_text(data)
    return verify_audit.main([str(path)])


def test_the_stand_alone_script_accepts_it_and_says_what_it_means(file: Path) -> None:
    """Without any library: `-S` leaves site-packages out, and Ed25519 is done in Python."""
    done = verify(file)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 objects" in done.stdout
    assert "unreadable since" in done.stdout
    assert "the log of size" in done.stdout


def test_it_says_what_an_auditor_asks_for(file: Path) -> None:
    said = json.loads(file.read_text())["document"]

    assert (said["rule"], said["reason"]) == ("us-ca-minor", "deletion-run:7")
    assert (said["epoch_destroyed"], said["epoch_after"]) == (1, 2)
    assert [(thing["kind"], len(thing["sha256"])) for thing in said["objects"]] == [("dicom", 64)] * 2
    assert "NIST SP 800-88" in said["standards"][0]
    assert "45 CFR 164.310(d)(2)(i)" in said["standards"][1]
    assert said["unreadable_since"] <= said["objects_gone_at"] <= said["issued_at"]
    assert said["issued_at"] < said["index_columns_expire_at"]


def test_any_changed_byte_is_found(file: Path, tmp_path: Path) -> None:
    good = file.read_text()
    places = range(good.index('"document"') + 12, len(good) - 3, 97)
    changed = [good[:at] + ("x" if good[at] != "x" else "y") + good[at + 1 :] for at in places]

    answers = {status_of(text, tmp_path / "changed.json") for text in changed if _differs(text, good)}

    assert len(places) > 30
    assert answers <= {1, 2}
    assert status_of(good, tmp_path / "good.json") == 0


def _differs(text: str, good: str) -> bool:
    """Say whether a file says something else; white space between its parts is nobody's business."""
    try:
        return bool(json.loads(text) != json.loads(good))
    except ValueError:
        return True


def test_a_certificate_of_another_key_is_refused(file: Path) -> None:
    other = "x+00000000+" + "A" * 44

    assert verify(file, "--key", other).returncode == 2


def _signed_anew(file: Path, **changes: Any) -> str:
    """Change a certificate and sign it with the right key: what is left to speak against it is the log."""
    said = {**json.loads(file.read_text())["document"], **changes}
    signer = audit.signer_of(tenant_id=UUID(said["tenant"]))
    body = certificate.canonical(said)
    return certificate.envelope(body=body, signature=signer.sign(body), verifier_key=signer.verifier_key).decode()


@pytest.mark.parametrize(
    "change",
    [{"study": "0190b5f0-0000-7000-8000-00000000000a"}, {"objects": []}, {"key": {"id": "x", "check_value": "y"}}],
    ids=["another study", "other objects", "another key"],
)
def test_a_certificate_that_the_log_does_not_bear_out_is_refused(
    file: Path, tmp_path: Path, change: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(_signed_anew(file, **change), tmp_path / "forged.json") == 1
    assert "about something else" in capsys.readouterr().out
