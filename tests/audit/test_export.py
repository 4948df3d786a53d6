"""An export verifies itself, without anything of ours."""

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from defusedxml import ElementTree

from audit import export, selectors, services
from common.actor import Actor
from common.ids import uuid7
from common.scope import tenant_scope
from tests.audit import attacker
from tests.factories.cast import make_actor, make_tenant

pytestmark = [pytest.mark.django_db, pytest.mark.req("X-02")]


@pytest.fixture
def actor() -> Actor:
    made = make_actor(make_tenant(), "owner")
    for number in range(10):
        services.record(
            actor=made, action="study.opened", study_id=uuid7(), detail={"number": number, "word": "Zähne<&"}
        )
    services.sequence(tenant_id=made.tenant_id)
    return made


@pytest.fixture
def checkpoint(actor: Actor) -> str:
    return services.sign_checkpoint(tenant_id=actor.tenant_id)


@pytest.fixture
def archive(actor: Actor, checkpoint: str, tmp_path: Path) -> Path:
    path = tmp_path / "log.zip"
    path.write_bytes(b"".join(export.stream(tenant_id=actor.tenant_id, name=path.name)))
    return path


def run(folder: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the verifier that the export itself carries, isolated from everything that is installed."""
    command = [sys.executable, "-I", "-S", str(folder / "verify_audit.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={"PATH": os.defpath})


@pytest.fixture
def unpacked(archive: Path, tmp_path: Path) -> Path:
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(tmp_path / "unpacked")
    return tmp_path / "unpacked"


def change(unpacked: Path, index: int, **fields: object) -> None:
    lines = (unpacked / "events.jsonl").read_text().splitlines()
    lines[index] = json.dumps(json.loads(lines[index]) | fields)
    (unpacked / "events.jsonl").write_text("\n".join(lines) + "\n")


def test_the_verifier_in_the_export_accepts_it(archive: Path, unpacked: Path, checkpoint: str, actor: Actor) -> None:
    (unpacked / "kept.txt").write_text(checkpoint)
    key = services.signer_of(tenant_id=actor.tenant_id).verifier_key
    done = run(unpacked, archive, "--key", key, "--checkpoint", unpacked / "kept.txt")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "OK")
    assert run(unpacked, unpacked).returncode == 0


def test_it_says_whose_word_it_takes_for_the_key(unpacked: Path, actor: Actor) -> None:
    key = services.signer_of(tenant_id=actor.tenant_id).verifier_key
    assert f"compare it with the one you were given): {key}" in run(unpacked, unpacked).stdout


def test_a_changed_body_is_named(unpacked: Path) -> None:
    line = json.loads((unpacked / "events.jsonl").read_text().splitlines()[3])
    change(unpacked, 3, body=line["body"].replace("study.opened", "study.closed"))
    done = run(unpacked, unpacked)
    assert (done.returncode, "first bad index 3: the body of this line was changed" in done.stdout) == (1, True)


def test_an_export_that_was_made_anew_with_another_key_does_not_hold(unpacked: Path) -> None:
    other = services.signer_of(tenant_id=uuid7()).verifier_key
    done = run(unpacked, unpacked, "--key", other)
    assert (done.returncode, "WRONG: the checkpoint is of the log" in done.stdout) == (1, True)


def test_an_export_of_a_changed_log_is_found_out_without_any_database(
    actor: Actor, checkpoint: str, tmp_path: Path, unpacked: Path
) -> None:
    attacker.rewrite(actor.tenant_id, lambda lines: [*lines[:5], attacker.edited(lines[5]), *lines[6:]])
    (tmp_path / "kept.txt").write_text(checkpoint)
    forged = tmp_path / "forged.zip"
    forged.write_bytes(b"".join(export.stream(tenant_id=actor.tenant_id, name="forged.zip")))
    done = run(unpacked, forged, "--checkpoint", tmp_path / "kept.txt")
    assert "WRONG: first bad index 5: this line is not the one that was signed for this place" in done.stdout


def test_a_file_that_is_no_export_is_said_to_be_none(unpacked: Path, tmp_path: Path) -> None:
    (tmp_path / "other.txt").write_text("hello")
    assert run(unpacked, tmp_path / "other.txt").returncode == 2


def test_the_verifier_runs_without_the_portal_and_without_libraries(unpacked: Path) -> None:
    listed = "import sys; sys.argv=['x']; import runpy; runpy.run_path('verify_audit.py'); print(sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", listed], cwd=unpacked, capture_output=True, text=True, check=True
    )
    assert "cryptography" not in done.stdout
    assert "django" not in done.stdout


# --- one line ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def proof(actor: Actor, checkpoint: str, tmp_path: Path) -> Path:
    with tenant_scope(actor.tenant_id):
        newest = selectors.list_events(selectors.Filter(action="study.opened"))[0]
        text = selectors.get_proof(event_id=newest.id)
    path = tmp_path / "line.tlog-proof"
    path.write_text(text)
    return path


def test_the_proof_of_one_line_is_accepted(proof: Path, unpacked: Path, actor: Actor) -> None:
    key = services.signer_of(tenant_id=actor.tenant_id).verifier_key
    done = run(unpacked, proof, "--key", key)
    assert (done.returncode, '"action":"study.opened"' in done.stdout) == (0, True)


def test_a_proof_has_the_form_of_the_specification(proof: Path) -> None:
    head, _, note = proof.read_text().partition("\n\n")
    lines = head.split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1"
    assert [line.split(" ")[0] for line in lines[1:3]] == ["extra", "index"]
    assert all(len(line) == 44 for line in lines[3:])
    assert note.endswith("\n")


@pytest.mark.parametrize(("old", "new"), [("index 1", "index 2"), ("\n\n", "\nAAAA\n\n")])
def test_a_proof_that_was_changed_is_refused(proof: Path, unpacked: Path, old: str, new: str) -> None:
    proof.write_text(proof.read_text().replace(old, new, 1))
    assert run(unpacked, proof).returncode == 1


# --- the formats of others --------------------------------------------------------------------------------------------


@pytest.fixture
def members(archive: Path) -> Iterator[zipfile.ZipFile]:
    with zipfile.ZipFile(io.BytesIO(archive.read_bytes())) as packed:
        yield packed


def test_the_dicom_messages_are_well_formed_and_coded(members: zipfile.ZipFile) -> None:
    root = ElementTree.fromstring(members.read("dicom-audit.xml"))
    message = root[-1]
    assert [part.tag for part in message] == [
        "EventIdentification",
        "ActiveParticipant",
        "AuditSourceIdentification",
        "ParticipantObjectIdentification",
    ]
    code = message[0].find("EventID")
    assert code is not None
    assert (code.get("csd-code"), code.get("codeSystemName")) == ("110103", "DCM")


def test_the_fhir_resources_have_what_fhir_requires(members: zipfile.ZipFile) -> None:
    resources = [json.loads(line) for line in members.read("fhir-audit.ndjson").splitlines()]
    required = {"resourceType", "type", "recorded", "agent", "source"}
    assert all(required <= resource.keys() for resource in resources)
    assert resources[-1]["entity"][0]["type"]["code"] == "2"


def test_every_line_stands_in_every_format(members: zipfile.ZipFile) -> None:
    events = members.read("events.jsonl").count(b"\n")
    assert members.read("fhir-audit.ndjson").count(b"\n") == events
    assert members.read("dicom-audit.xml").count(b"<AuditMessage>") == events
