"""Issued analyses: made once, bound to the one before, never changed; drafts that say that they are."""

import csv
import datetime as dt
import hashlib
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, IntegrityError, transaction
from pypdf import PdfReader

from common.actor import system_actor
from common.clock import today
from common.errors import StorageFullError
from common.scope import tenant_scope
from compliance.analysis import services as analyses
from compliance.documents import content, pdf, snapshots, spreadsheet
from compliance.documents.content import keep_until
from compliance.documents.errors import SnapshotDamagedError, SnapshotNotFoundError
from compliance.models import Snapshot
from compliance.packs import library
from compliance.remediation import acceptance, tasks
from compliance.remediation.acceptance import Acceptance
from compliance.remediation.tasks import TaskDraft
from tests.factories.analysis import Walk, make_issued, make_small_practice
from tests.factories.cast import make_actor, make_tenant
from vault.models import Blob

pytestmark = pytest.mark.django_db


@pytest.fixture
def issued() -> Walk:
    walk = make_issued()
    walk.practice.deliver()
    return walk


def rows(walk: Walk) -> list[snapshots.SnapshotRow]:
    with tenant_scope(walk.officer.tenant_id):
        return snapshots.list_snapshots()


def data_of(walk: Walk, place: int = 0) -> dict[str, Any]:
    with tenant_scope(walk.officer.tenant_id):
        found: dict[str, Any] = json.loads(snapshots.read_data(snapshots.list_snapshots()[place].id))
    return found


def gathered(walk: Walk) -> dict[str, Any]:
    with tenant_scope(walk.officer.tenant_id):
        return content.gather(actor=walk.officer, analysis_id=walk.id)


def pages_of(document: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(document)).pages]


def issue_again(walk: Walk) -> None:
    """Reopen an issued analysis for a reason, and issue it once more."""
    analyses.reopen_analysis(actor=walk.officer, analysis_id=walk.id, reason="A new sensor")
    walk.complete()
    walk.issue()
    walk.practice.deliver()


@pytest.mark.req("RA-14")
@pytest.mark.req("RA-24")
def test_an_issue_is_kept_with_digest_signer_and_for_six_years(issued: Walk) -> None:
    (row,) = rows(issued)

    with tenant_scope(issued.officer.tenant_id):
        data, document = snapshots.read_data(row.id), snapshots.read_pdf(row.id)
    assert row.data_sha256 == hashlib.sha256(data).hexdigest()
    assert row.pdf_sha256 == hashlib.sha256(document).hexdigest()
    assert (row.sequence, row.signer_name, row.previous_sha256) == (1, "Person", "")
    assert row.keep_until_date == keep_until(row.issued_at, 6)
    assert row.keep_until_date.year == today().year + 6


def test_an_issue_whose_documents_cannot_be_kept_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    walk = make_small_practice().start()
    walk.complete()
    monkeypatch.setattr("compliance.files.keep", _full)

    with pytest.raises(StorageFullError):
        walk.issue()

    assert (walk.row().state, walk.row().issue_number) == ("draft", 0)
    assert rows(walk) == []


def _full(**_named: Any) -> None:
    raise StorageFullError


def test_what_changed_while_the_pages_were_set_stands_in_the_document(monkeypatch: pytest.MonkeyPatch) -> None:
    walk = make_small_practice().start()
    walk.complete()
    set_pages, drafts = pdf.render, []

    def render(found: dict[str, Any], **named: Any) -> bytes:
        drafts.append(found)
        if len(drafts) == 1:
            tasks.open_task(actor=walk.officer, draft=TaskDraft("Lock the cellar"))
        return set_pages(found, **named)

    monkeypatch.setattr(pdf, "render", render)
    walk.issue()

    (row,) = rows(walk)
    with tenant_scope(walk.officer.tenant_id):
        text = "\n".join(pages_of(snapshots.read_pdf(row.id)))
    assert [task["title"] for task in data_of(walk)["plan"]] == ["Lock the cellar"]
    assert "Lock the cellar" in text
    assert len(drafts) == 2


@pytest.mark.req("RA-14")
def test_the_next_issue_names_the_one_before_and_what_changed(issued: Walk) -> None:
    issued.practice.add_asset("AT-CBCT", "CBCT unit of the new room", ephi="none")
    issue_again(issued)

    newest, first = rows(issued)
    assert (newest.sequence, newest.previous_sha256) == (2, first.data_sha256)
    assert any("CBCT unit of the new room" in line for line in newest.changes["assets new"])
    assert data_of(issued)["previous"]["pdf_sha256"] == first.pdf_sha256
    with tenant_scope(issued.officer.tenant_id):
        text = "\n".join(pages_of(snapshots.read_pdf(newest.id)))
    assert "Update of issue 1" in text
    assert first.data_sha256 in text.replace("\n", "")


def test_an_issue_can_neither_be_changed_nor_deleted(issued: Walk) -> None:
    with tenant_scope(issued.officer.tenant_id):
        found = Snapshot.objects.all()
        for change in (lambda: found.update(signer_name="Nobody"), found.delete):
            with pytest.raises(DatabaseError), transaction.atomic():
                change()


def test_an_issue_that_hides_the_one_before_is_refused_by_the_database(issued: Walk) -> None:
    (row,) = rows(issued)
    with tenant_scope(issued.officer.tenant_id), pytest.raises(IntegrityError), transaction.atomic():
        Snapshot.objects.create(
            tenant_id=issued.officer.tenant_id,
            analysis_id=issued.id,
            issue_number=2,
            sequence=2,
            data_blob_id=issued.id,
            data_sha256="0" * 64,
            pdf_blob_id=issued.id,
            pdf_sha256="0" * 64,
            signer_id=issued.officer.id,
            signer_name="x",
            issued_at=row.issued_at,
            keep_until_date=row.keep_until_date,
        )


def test_a_sound_chain_is_found_sound(issued: Walk) -> None:
    issue_again(issued)

    with tenant_scope(issued.officer.tenant_id):
        found = snapshots.check_all()
    assert (found.checked, found.is_sound) == (2, True)


def test_a_document_that_is_not_the_issued_one_is_refused(issued: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    (row,) = rows(issued)
    monkeypatch.setattr("compliance.files.read", lambda **_named: b"%PDF-1.7 another one")

    with tenant_scope(issued.officer.tenant_id):
        with pytest.raises(SnapshotDamagedError):
            snapshots.read_pdf(row.id)
        assert snapshots.check_all().damaged == (1,)


@pytest.mark.skipif(
    not settings.BITEWING_STORAGE_URL.startswith("file://"), reason="changes an object behind the back of a file store"
)
def test_bytes_that_were_changed_in_the_store_are_not_given_out(issued: Walk) -> None:
    with tenant_scope(issued.officer.tenant_id):
        row = Snapshot.objects.get()
        key = Blob.objects.get(id=row.pdf_blob_id).object_key
        (path,) = Path(settings.BITEWING_STORAGE_URL.removeprefix("file://")).rglob(Path(key).name)
        raw = bytearray(path.read_bytes())
        raw[-50] ^= 1
        path.chmod(0o600)
        path.write_bytes(raw)

        assert snapshots.check_all().damaged == (1,)


def test_an_issue_of_another_practice_is_absent(issued: Walk) -> None:
    (row,) = rows(issued)

    with tenant_scope(make_tenant().id), pytest.raises(SnapshotNotFoundError):
        snapshots.get_snapshot(row.id)


# --- what the document says -------------------------------------------------------------------------------------------


@pytest.mark.req("RA-08")
def test_the_pdf_follows_the_outline_of_the_method(issued: Walk) -> None:
    (row,) = rows(issued)
    with tenant_scope(issued.officer.tenant_id):
        document = snapshots.read_pdf(row.id)
    text = "\n".join(pages_of(document))

    chapters = [f"{one.number} {one.title}" for one in issued.catalogue.method.chapters]
    assert [chapter for chapter in chapters if chapter not in text] == []
    root: Any = PdfReader(io.BytesIO(document)).trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"


@pytest.mark.req("RA-08")
def test_matrix_scales_and_every_risk_are_printed(issued: Walk) -> None:
    (row,) = rows(issued)
    with tenant_scope(issued.officer.tenant_id):
        text = " ".join("\n".join(pages_of(snapshots.read_pdf(row.id))).split())

    assert "Level of risk" in text
    assert [one.name for one in issued.catalogue.method.impact if f"{one.level} {one.name}" not in text] == []
    assert [f"R-{risk.number}" for risk in issued.risks() if f"R-{risk.number}" not in text] == []


@pytest.mark.req("RA-18")
def test_a_draft_says_so_on_each_page_and_an_issue_on_none() -> None:
    walk = make_small_practice().start()
    found = gathered(walk)

    draft = pages_of(pdf.render(found, is_draft=True))
    assert len(draft) > 5
    assert [number for number, page in enumerate(draft) if "DRAFT" not in page] == []


def test_an_issue_is_no_draft(issued: Walk) -> None:
    (row,) = rows(issued)
    with tenant_scope(issued.officer.tenant_id):
        pages = pages_of(snapshots.read_pdf(row.id))

    assert [number for number, page in enumerate(pages) if "DRAFT" in page] == []


def test_a_draft_says_what_lacks_before_it_can_be_issued() -> None:
    walk = make_small_practice().start()

    text = "\n".join(pages_of(pdf.render(gathered(walk), is_draft=True)))

    assert "What lacks before it can be issued" in text
    assert "The scope is not described." in text


def test_both_are_tagged_for_readers_that_speak(issued: Walk) -> None:
    (row,) = rows(issued)
    with tenant_scope(issued.officer.tenant_id):
        final = snapshots.read_pdf(row.id)
    draft = pdf.render(gathered(issued), is_draft=True)

    assert [b"pdfuaid" in document for document in (final, draft)] == [True, True]


def test_a_name_without_a_font_still_gives_a_document(issued: Walk) -> None:
    found = gathered(issued)
    found["about"]["practice"] = "Praxis \U00013000 \ue123"

    assert pdf.render(found, is_draft=True).startswith(b"%PDF")


@pytest.mark.req("RA-19")
def test_tasks_and_acceptances_stand_in_the_plan(issued: Walk) -> None:
    officer = issued.officer
    risk = issued.risks()[0]
    tasks.open_task(actor=officer, draft=TaskDraft("Buy a safe"))
    accepted = tasks.open_task(actor=officer, draft=TaskDraft("Renew the unit", risk_id=risk.id))
    terms = Acceptance("It is ordered.", "It is cut off.", today() + dt.timedelta(days=200))
    acceptance.accept(actor=officer, task_id=accepted, version=1, terms=terms)

    text = " ".join("\n".join(pages_of(pdf.render(gathered(issued), is_draft=True))).split())

    assert "Buy a safe" in text
    assert f"Renew the unit (R-{risk.number})" in text
    assert "accepted by Person until" in text


def test_the_register_is_a_spreadsheet_without_formulas(issued: Walk) -> None:
    found = gathered(issued)
    found["register"][0]["statement"] = "=HYPERLINK(1)"

    lines = list(csv.DictReader(io.StringIO(spreadsheet.write_register(found))))

    assert len(lines) == len(found["register"])
    assert lines[0]["statement"] == "'=HYPERLINK(1)"
    assert (lines[1]["current_likelihood"], lines[1]["current_level"]) == ("3", "3")


@pytest.mark.req("RA-18")
def test_no_generated_document_has_a_forbidden_phrase(issued: Walk) -> None:
    phrases = [phrase.lower() for phrase in library.catalogue(library.default_choice()).forbidden_phrases]
    assert len(phrases) == 5
    found = gathered(issued)
    draft = "\n".join(pages_of(pdf.render(found, is_draft=True)))
    with tenant_scope(issued.officer.tenant_id):
        final = "\n".join(pages_of(snapshots.read_pdf(snapshots.list_snapshots()[0].id)))
    made = [draft, final, spreadsheet.write_register(found), content.as_json(found).decode()]

    texts = [" ".join(text.split()).lower() for text in made]
    assert [phrase for phrase in phrases for text in texts if phrase in text] == []


def test_the_same_content_is_the_same_bytes(issued: Walk) -> None:
    found = gathered(issued)
    shuffled = dict(reversed(list(found.items())))

    assert content.as_json(found) == content.as_json(shuffled)


def test_the_portal_itself_and_the_officer_gather_the_same(issued: Walk) -> None:
    with tenant_scope(issued.officer.tenant_id):
        one = content.gather(actor=system_actor(issued.officer.tenant_id), analysis_id=issued.id)
        other = content.gather(actor=make_actor(issued.practice.tenant, "auditor"), analysis_id=issued.id)

    assert {**one, "made_at": ""} == {**other, "made_at": ""}
