"""The log as a whole: its page, its export, the proof of a line, those who are sent its checkpoints."""

import io
import zipfile
from pathlib import Path

import pytest
from django.test import Client

from accounts.models import Tenant
from audit import selectors as audit
from audit import services as audit_services
from audit import verify_audit
from common.actor import system_actor
from common.ids import uuid7
from common.scope import tenant_scope
from tests.factories.browsers import browser_of, enter_as
from tests.factories.cast import make_actor, make_tenant

pytestmark = [pytest.mark.django_db, pytest.mark.req("X-02")]
WITNESS = {"kind": "mail", "target": "lawyer@witness.example"}


def signed_line(tenant: Tenant) -> str:
    """Write an entry, and sign the log with it."""
    event_id = audit_services.record(actor=system_actor(tenant.id), action="study.opened", study_id=uuid7())
    audit_services.sequence(tenant_id=tenant.id)
    audit_services.sign_checkpoint(tenant_id=tenant.id)
    return str(event_id)


def stale(browser: Client) -> Client:
    """Let the second factor of a browser be an hour old."""
    session = browser.session
    session["factor_at"] = session["factor_at"] - 3600
    session.save()
    return browser


@pytest.mark.parametrize(
    ("role", "reads", "exports", "manages"),
    [
        ("owner", 200, 200, 302),
        ("compliance_officer", 200, 200, 302),
        ("auditor", 200, 200, 403),
        ("administrator", 403, 403, 403),
        ("technician", 403, 403, 403),
    ],
)
def test_who_may_do_what(tenant: Tenant, role: str, reads: int, exports: int, manages: int) -> None:
    event, browser = signed_line(tenant), enter_as(tenant, role)
    assert browser.get("/audit/state/").status_code == reads
    assert browser.post("/audit/proof/", {"event": event}).status_code == reads
    assert browser.post("/audit/state/export/").status_code == exports
    assert browser.post("/audit/witnesses/add/", WITNESS).status_code == manages


def test_the_page_says_how_far_the_log_is_signed(tenant: Tenant, officer: Client) -> None:
    signed_line(tenant)
    audit_services.verify_log(tenant_id=tenant.id)
    page = officer.get("/audit/state/").content.decode()
    assert "The log is signed, and was what it should be" in page
    assert audit_services.signer_of(tenant_id=tenant.id).verifier_key in page.replace("&#x2B;", "+")


def test_the_page_of_a_centre_without_any_entry_says_so(officer: Client) -> None:
    assert "Nothing has been signed yet" in officer.get("/audit/state/").content.decode()


def test_an_export_needs_a_fresh_factor(tenant: Tenant, officer: Client) -> None:
    signed_line(tenant)
    answer = stale(officer).post("/audit/state/export/")
    assert (answer.status_code, "step-up-code" in answer.content.decode()) == (403, True)


def test_the_export_verifies_and_says_that_it_was_made(tenant: Tenant, officer: Client, tmp_path: Path) -> None:
    signed_line(tenant)
    answer = officer.post("/audit/state/export/")
    data = answer.getvalue()
    (tmp_path / "log.zip").write_bytes(data)
    assert verify_audit.main([str(tmp_path / "log.zip")]) == 0
    assert b'"audit.log-exported' in zipfile.ZipFile(io.BytesIO(data)).read("events.jsonl").replace(b"\\", b"")


def test_the_proof_of_a_line_is_accepted_by_the_verifier(tenant: Tenant, officer: Client, tmp_path: Path) -> None:
    answer = officer.post("/audit/proof/", {"event": signed_line(tenant)})
    (tmp_path / "line").write_bytes(answer.content)
    assert answer["Content-Disposition"].endswith('.tlog-proof"')
    assert verify_audit.main([str(tmp_path / "line")]) == 0


def test_a_line_of_today_is_not_proven_before_it_is_signed(tenant: Tenant, officer: Client) -> None:
    event_id = audit_services.record(actor=system_actor(tenant.id), action="study.opened")
    answer = officer.post("/audit/proof/", {"event": str(event_id)})
    assert (answer.status_code, "Try again in two minutes" in answer.content.decode()) == (409, True)


def test_a_line_of_another_centre_has_no_proof_here(officer: Client) -> None:
    assert officer.post("/audit/proof/", {"event": signed_line(make_tenant())}).status_code == 404


@pytest.mark.parametrize("event", ["", "x"])
def test_a_line_that_is_none_has_no_proof(officer: Client, event: str) -> None:
    assert officer.post("/audit/proof/", {"event": event}).status_code == 404


def test_the_program_that_verifies_is_given_to_everybody(tenant: Tenant) -> None:
    assert Client().get("/audit/verify_audit.py").content.decode() == Path(verify_audit.__file__).read_text()


# --- witnesses --------------------------------------------------------------------------------------------------------


def test_a_witness_is_named_and_taken_away(tenant: Tenant) -> None:
    browser = browser_of(make_actor(tenant, "compliance_officer"))
    browser.post("/audit/witnesses/add/", WITNESS)
    with tenant_scope(tenant.id):
        (witness,) = audit.list_witnesses()
    assert "lawyer@witness.example" in browser.get("/audit/state/").content.decode()
    browser.post("/audit/witnesses/remove/", {"witness": str(witness.id)})
    with tenant_scope(tenant.id):
        assert audit.list_witnesses() == []


@pytest.mark.parametrize(
    ("kind", "target", "reason"),
    [
        ("mail", "nobody", "This is no e-mail address"),
        ("webhook", "http://witness.example/", "An address looks like https://host/path"),
        ("webhook", "https://me:secret@witness.example/", "An address looks like https://host/path"),
    ],
)
def test_a_target_that_is_none_is_refused_with_the_reason(officer: Client, kind: str, target: str, reason: str) -> None:
    answer = officer.post("/audit/witnesses/add/", {"kind": kind, "target": target})
    assert (answer.status_code, reason in answer.content.decode()) == (422, True)


def test_a_witness_of_another_centre_is_not_taken_away(tenant: Tenant, officer: Client) -> None:
    other = make_actor(make_tenant(), "owner")
    witness_id = audit_services.add_witness(actor=other, **WITNESS)
    assert officer.post("/audit/witnesses/remove/", {"witness": str(witness_id)}).status_code == 404
