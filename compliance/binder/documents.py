"""Documents: gathered now as drafts, or signed and kept six years, each bound to the one before by its digest."""

import csv
import datetime as dt
import hashlib
import io
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson
from django.db import transaction

from accounts import access
from accounts import selectors as accounts
from audit import services as audit
from common.actor import Actor, ActorKind
from common.clock import now
from common.errors import ForbiddenError
from common.scope import tenant_scope
from compliance import files
from compliance.binder import sections
from compliance.binder.errors import DocumentDamagedError, DocumentNotFoundError, DocumentOvertakenError
from compliance.binder.items import ITEMS
from compliance.documents import record
from compliance.documents.content import keep_until
from compliance.documents.spreadsheet import harmless
from compliance.models import DocumentSnapshot
from compliance.pages import instant

FORMAT: Final = "bitewing-compliance-document"
KEEP_YEARS: Final = 6
PARTS: Final[dict[str, tuple[str, ...]]] = {
    "binder": tuple(item.key for item in ITEMS),
    "plan": ("plan",),
    "inventory": ("inventory", "media"),
    "decisions": ("decisions",),
    "agreements": ("agreements",),
}
TITLES: Final = {
    "binder": "Binder for an inquiry under HIPAA",
    "plan": "Risk management plan",
    "inventory": "Inventory with map",
    "decisions": "Log of decisions",
    "agreements": "Register of business associate agreements",
}
SUBTITLES: Final = {
    "binder": "Seventeen items, in the order in which they are asked for",
    "plan": "45 CFR 164.308(a)(1)(ii)(B)",
    "inventory": "45 CFR 164.308(a)(1)(ii)(A); 164.310(d)",
    "decisions": "45 CFR 164.306(d)(3)",
    "agreements": "45 CFR 164.308(b); 164.504(e)",
}
Content = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Seal:
    """What binds a signed document: its place, its digest, the one before, who signed, and what changed."""

    sequence: int
    data_sha256: str
    previous_sha256: str
    signer: str
    signed_at: dt.datetime
    changes: tuple[str, ...]


def gather(*, actor: Actor, kind: str, at: dt.datetime | None = None) -> Content:
    """Return what a document of a kind says now (in the open scope)."""
    if kind not in PARTS:
        raise DocumentNotFoundError
    found = {
        "format": FORMAT,
        "version": 1,
        "kind": kind,
        "title": TITLES[kind],
        "practice": accounts.tenant_name(actor.tenant_id),
        "made_at": at or now(),
        "sections": [sections.build(key, actor).as_value() for key in PARTS[kind]],
    }
    plain: Content = orjson.loads(as_json(found))
    return plain


def as_json(content: Content) -> bytes:
    """Write content so that the same content is the same bytes."""
    return orjson.dumps(content, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2)


def as_csv(content: Content) -> bytes:
    """Write every table of a document, one after another, each under its heading."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    for section in content["sections"]:
        writer.writerow([section["number"], harmless(section["title"]), section["citation"], section["lacks"]])
        for block in section["blocks"]:
            if block["kind"] == "table":
                writer.writerow(block["columns"])
                writer.writerows([harmless(value) for value in row] for row in block["rows"])
            elif block["kind"] in {"heading", "text"}:
                writer.writerow([harmless(block["text"])])
            elif block["kind"] == "facts":
                writer.writerows([harmless(value) for value in row] for row in block["rows"])
    return out.getvalue().encode()


def as_pdf(content: Content, seal: Seal | None = None) -> bytes:
    """Print a document; one that nobody signed says so on each page."""
    label = f"No. {seal.sequence}, signed by {seal.signer}" if seal else "DRAFT, not signed"
    blocks = [*_front(content, seal)]
    for section in content["sections"]:
        blocks.append(record.heading(f"{section['number']}. {section['title']}", breaks=True))
        blocks.append(record.quiet(section["citation"]))
        if section["lacks"]:
            blocks.append(record.words(f"Open: {section['lacks']}"))
        blocks += section["blocks"]
    return record.render(
        record.Record(
            title=content["title"],
            subtitle=SUBTITLES[content["kind"]],
            practice=content["practice"],
            label=label,
            blocks=tuple(blocks),
        )
    )


def _front(content: Content, seal: Seal | None) -> list[record.Block]:
    rows = [("Made", content["made_at"][:16].replace("T", " ") + " UTC")]
    if seal is not None:
        rows += [
            ("Signed by", seal.signer),
            ("Signed", instant(seal.signed_at)),
            ("SHA-256 of the data", seal.data_sha256),
            ("The one before", seal.previous_sha256 or "none: this is the first"),
        ]
    blocks = [record.facts(rows), record.quiet(record.NOT_ADVICE)]
    if seal is not None and seal.sequence > 1:
        changes = list(seal.changes) or ["Nothing."]
        blocks += [record.heading("Changes since the one before"), record.bullets(changes)]
    if len(content["sections"]) > 1:
        blocks.append(
            record.table(
                ("No.", "Item", "Provision", "Records", "Open"),
                [
                    (one["number"], one["title"], one["citation"], one["count"], one["lacks"])
                    for one in content["sections"]
                ],
                widths=(0.4, 1.8, 2, 0.6, 1.8),
            )
        )
    return blocks


# --- signed -----------------------------------------------------------------------------------------------------------


def sign(*, actor: Actor, kind: str) -> UUID:
    """Sign a document as it is now and keep it; a person does that.

    The pages are set outside of the transaction, for that takes seconds; whoever signs the same kind meanwhile wins.
    """
    access.require(actor, "analysis.issue")
    if actor.kind is not ActorKind.USER:
        raise ForbiddenError("A person signs a document.")
    moment = now()
    with tenant_scope(actor.tenant_id):
        content = gather(actor=actor, kind=kind, at=moment)
        before = _newest(kind)
        earlier = orjson.loads(read_data(before.id)) if before else None
        signer = accounts.names_of_users({actor.id}).get(actor.id, "")
    data = as_json(content)
    seal = Seal(
        sequence=before.sequence + 1 if before else 1,
        data_sha256=hashlib.sha256(data).hexdigest(),
        previous_sha256=before.data_sha256 if before else "",
        signer=signer,
        signed_at=moment,
        changes=changes_of(earlier, content),
    )
    document = as_pdf(content, seal)
    with tenant_scope(actor.tenant_id), transaction.atomic():
        now_newest = _newest(kind)
        if (now_newest.id if now_newest else None) != (before.id if before else None):
            raise DocumentOvertakenError
        return _keep(actor, kind, seal, data, document)


def _keep(actor: Actor, kind: str, seal: Seal, data: bytes, document: bytes) -> UUID:
    kept_data = files.keep(tenant_id=actor.tenant_id, data=data)
    kept_pdf = files.keep(tenant_id=actor.tenant_id, data=document)
    row = DocumentSnapshot.objects.create(
        tenant_id=actor.tenant_id,
        kind=kind,
        sequence=seal.sequence,
        data_blob_id=kept_data.blob_id,
        data_sha256=seal.data_sha256,
        pdf_blob_id=kept_pdf.blob_id,
        pdf_sha256=kept_pdf.sha256.hex(),
        previous_sha256=seal.previous_sha256,
        changes=list(seal.changes),
        signer_id=actor.id,
        signer_name=seal.signer,
        signed_at=seal.signed_at,
        keep_until_date=keep_until(seal.signed_at, KEEP_YEARS),
    )
    audit.record(actor=actor, action="document.signed", subject_id=row.id, detail={"sha256": seal.data_sha256})
    made: UUID = row.id
    return made


def changes_of(before: Content | None, after: Content) -> tuple[str, ...]:
    """Say of each item whether it says something else than before, and how many records it has."""
    if before is None:
        return ()
    known = {one["key"]: one for one in before["sections"]}
    found = []
    for one in after["sections"]:
        earlier = known.get(one["key"])
        if earlier is None or earlier["blocks"] != one["blocks"]:
            counts = f"{earlier['count'] if earlier else 0} to {one['count']}"
            found.append(f"{one['number']}. {one['title']}: changed, records {counts}")
    return tuple(found)


# --- reading (in the open scope) --------------------------------------------------------------------------------------


def list_signed(kind: str = "") -> list[DocumentSnapshot]:
    """List signed documents, the newest first."""
    rows = DocumentSnapshot.objects.order_by("-signed_at", "-id")
    return list(rows.filter(kind=kind) if kind else rows[:200])


def get_signed(document_id: UUID) -> DocumentSnapshot:
    """Return one signed document, or raise."""
    row: DocumentSnapshot | None = DocumentSnapshot.objects.filter(id=document_id).first()
    if row is None:
        raise DocumentNotFoundError
    return row


def read_data(document_id: UUID) -> bytes:
    """Return the data of a signed document, having compared it with its digest."""
    row = get_signed(document_id)
    return _checked(row.tenant_id, row.data_blob_id, row.data_sha256)


def read_pdf(document_id: UUID) -> bytes:
    """Return the PDF of a signed document, having compared it with its digest."""
    row = get_signed(document_id)
    return _checked(row.tenant_id, row.pdf_blob_id, row.pdf_sha256)


def _checked(tenant_id: UUID, blob_id: UUID, digest: str) -> bytes:
    data = files.read(tenant_id=tenant_id, blob_id=blob_id)
    if hashlib.sha256(data).hexdigest() != digest:
        raise DocumentDamagedError
    return data


def _newest(kind: str) -> DocumentSnapshot | None:
    found: DocumentSnapshot | None = DocumentSnapshot.objects.filter(kind=kind).order_by("-sequence").first()
    return found
