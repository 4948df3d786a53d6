"""What the pages of vendors and agreements show."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from accounts import access
from accounts import selectors as accounts
from common.actor import Actor
from compliance import records
from compliance.assets import selectors as assets
from compliance.models import Agreement, AgreementCopy, ClauseFinding, ExitProof, Party, SubProcessor, VendorUse
from compliance.packs import selectors as packs
from compliance.packs.content import Clause
from compliance.records import EntryLine
from compliance.vendors import gate, selectors, wording
from compliance.vendors.labels import AGREEMENT_LABELS, VENDOR_LABELS
from compliance.vendors.need import Need, need_of
from compliance.vendors.selectors import Alert, Standing
from compliance.vendors.wording import Flag

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_GROUPS = ("required", "conditional", "optional_grant", "advisory")


@dataclass(frozen=True, slots=True)
class VendorLine:
    """A vendor in the register."""

    id: UUID
    name: str
    services: str
    need: Need
    until: dt.date | None
    is_covered: bool
    is_ai: bool
    ended_date: dt.date | None
    alerts: tuple[Alert, ...]


@dataclass(frozen=True, slots=True)
class VendorsPage:
    """The register."""

    rows: tuple[VendorLine, ...]
    missing: int
    can_write: bool


@dataclass(frozen=True, slots=True)
class Fact:
    label: "StrOrPromise"
    value: "StrOrPromise"


@dataclass(frozen=True, slots=True)
class AgreementLine:
    """One agreement of a vendor."""

    id: UUID
    number: int
    state: str
    state_label: str
    effective_date: dt.date | None
    expiry_date: dt.date | None
    keep_until: dt.date | None
    is_in_effect: bool


@dataclass(frozen=True, slots=True)
class SubLine:
    id: UUID
    name: str
    purpose: str
    country: str
    has_agreement: str
    is_bound: bool


@dataclass(frozen=True, slots=True)
class ProofLine:
    id: UUID
    kind: str
    performed_date: dt.date
    method: str
    certificate: str
    file_name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class UseLine:
    name: str
    asset_id: UUID | None
    party_id: UUID | None


@dataclass(frozen=True, slots=True)
class VendorPage:
    """Everything about one vendor."""

    line: VendorLine
    facts: tuple[Fact, ...]
    ai_facts: tuple[Fact, ...]
    agreements: tuple[AgreementLine, ...]
    subs: tuple[SubLine, ...]
    proofs: tuple[ProofLine, ...]
    uses: tuple[UseLine, ...]
    ai_lacks: tuple[str, ...]
    entries: tuple[EntryLine, ...]
    can_write: bool


@dataclass(frozen=True, slots=True)
class ClauseLine:
    """One clause of the checklist with what was found."""

    id: str
    title: str
    text: str
    citation: str
    condition: str
    risk: str
    is_imaging: bool
    found: str
    reference: str
    note: str
    reviewed_at: dt.datetime | None
    reviewer: str


@dataclass(frozen=True, slots=True)
class CopyLine:
    id: UUID
    file_name: str
    sha256: str
    size_bytes: int
    added_at: dt.datetime
    added_by: str


@dataclass(frozen=True, slots=True)
class AgreementPage:
    """One agreement, clause by clause."""

    line: AgreementLine
    vendor_id: UUID
    vendor_name: str
    facts: tuple[Fact, ...]
    groups: tuple[tuple[str, tuple[ClauseLine, ...]], ...]
    open_clauses: tuple[str, ...]
    flags: tuple[Flag, ...]
    has_wording: bool
    copies: tuple[CopyLine, ...]
    entries: tuple[EntryLine, ...]
    choices: tuple[tuple[str, "StrOrPromise"], ...]
    is_unsigned: bool
    is_signed: bool
    is_ended: bool
    ended_reason: str
    can_write: bool


def build_vendors(actor: Actor) -> VendorsPage:
    """Return the register (inside the open scope)."""
    found = selectors.list_standing()
    rows = sorted((line_of(one) for one in found), key=lambda line: (line.ended_date is not None, not line.alerts))
    return VendorsPage(
        rows=tuple(rows),
        missing=sum(one.is_missing for one in found),
        can_write=access.allows(actor, "compliance.write"),
    )


def line_of(standing: Standing) -> VendorLine:
    """Return a vendor in a few words."""
    vendor, holding = standing.vendor, standing.in_effect
    return VendorLine(
        id=vendor.id,
        name=vendor.name,
        services=vendor.services,
        need=need_of(vendor),
        until=holding.expiry_date if holding else None,
        is_covered=holding is not None,
        is_ai=vendor.is_ai,
        ended_date=vendor.ended_date,
        alerts=standing.alerts,
    )


def build_vendor(*, actor: Actor, vendor_id: UUID) -> VendorPage:
    """Return everything about one vendor (inside the open scope)."""
    standing = selectors.standing_of(vendor_id)
    vendor = standing.vendor
    names = ("stores", "transmits", "can_access", "treats", "is_conduit")
    ai_names = (
        *("keeps_copies", "trains_on_images", "serves_competitors", "encrypts_at_rest", "encrypts_in_transit"),
        *("retention_days", "deletes_automatically", "retention_evidence", "data_path"),
    )
    return VendorPage(
        line=line_of(standing),
        facts=_facts(vendor, names),
        ai_facts=_facts(vendor, ai_names),
        agreements=tuple(_agreement_line(one, standing) for one in standing.agreements),
        subs=_subs(vendor_id),
        proofs=_proofs(vendor_id),
        uses=_uses(vendor_id),
        ai_lacks=gate.lacks_of(vendor_id) if vendor.is_ai else (),
        entries=records.lines_of("vendor", vendor_id, labels=VENDOR_LABELS),
        can_write=access.allows(actor, "compliance.write"),
    )


def _facts(row: object, names: tuple[str, ...]) -> tuple[Fact, ...]:
    """Return fields with their labels on forms; an empty one says that it is not known."""
    labels = {**VENDOR_LABELS, **AGREEMENT_LABELS}
    return tuple(
        Fact(labels[name], _shown(getattr(row, f"get_{name}_display", lambda name=name: getattr(row, name))()))
        for name in names
    )


def _shown(value: object) -> str:
    return "–" if value in {None, ""} else str(value)


def _agreement_line(row: Agreement, standing: Standing | None = None) -> AgreementLine:
    return AgreementLine(
        id=row.id,
        number=row.number,
        state=row.state,
        state_label=str(Agreement.State(row.state).label),
        effective_date=row.effective_date,
        expiry_date=row.expiry_date,
        keep_until=selectors.keep_until(row),
        is_in_effect=standing is not None and standing.in_effect is not None and standing.in_effect.id == row.id,
    )


def _subs(vendor_id: UUID) -> tuple[SubLine, ...]:
    rows = SubProcessor.objects.filter(vendor_id=vendor_id, removed_at=None).order_by("name")
    return tuple(
        SubLine(row.id, row.name, row.purpose, row.country, row.get_has_agreement_display(), row.has_agreement == "yes")
        for row in rows
    )


def _proofs(vendor_id: UUID) -> tuple[ProofLine, ...]:
    rows = ExitProof.objects.filter(vendor_id=vendor_id).order_by("-id")
    return tuple(
        ProofLine(
            id=row.id,
            kind=row.get_kind_display(),
            performed_date=row.performed_date,
            method=row.method,
            certificate=row.certificate,
            file_name=row.file_name,
            sha256=row.sha256,
        )
        for row in rows
    )


def _uses(vendor_id: UUID) -> tuple[UseLine, ...]:
    rows = VendorUse.objects.filter(vendor_id=vendor_id).select_related("asset", "party")
    lines = [UseLine((row.asset or row.party).name, row.asset_id, row.party_id) for row in rows]
    return tuple(sorted(lines, key=lambda line: line.name.casefold()))


def use_choices() -> dict[str, list[tuple[UUID, str]]]:
    """Return what a vendor can be at work on."""
    return {
        "assets": [(one.id, f"{one.number} {one.name}") for one in assets.list_refs()],
        "parties": list(Party.objects.order_by("name").values_list("id", "name")),
    }


def used_ids(vendor_id: UUID) -> dict[str, list[str]]:
    """Return where a vendor is at work, as a form ticks it."""
    rows = list(VendorUse.objects.filter(vendor_id=vendor_id).values_list("asset_id", "party_id"))
    return {
        "assets": [str(asset_id) for asset_id, _party in rows if asset_id],
        "parties": [str(party_id) for _asset, party_id in rows if party_id],
    }


def build_agreement(*, actor: Actor, agreement_id: UUID) -> AgreementPage:
    """Return one agreement with its checklist (inside the open scope)."""
    row = selectors.get_agreement(agreement_id)
    standing = selectors.standing_of(row.vendor_id)
    found = {one.clause_id: one for one in ClauseFinding.objects.filter(agreement_id=agreement_id)}
    copies = list(AgreementCopy.objects.filter(agreement_id=agreement_id).order_by("-id"))
    people = {one.reviewer_id for one in found.values() if one.reviewer_id} | {one.added_by_id for one in copies}
    names = accounts.names_of_users(people)
    clauses = packs.active().clauses
    lines = {clause_id: _clause_line(clause, found.get(clause_id), names) for clause_id, clause in clauses.items()}
    terms = (
        *("renewal_notice_days", "breach_notice_hours", "training_term", "is_perpetual_licence"),
        *("rights_granted", "secondary_use", "opt_out"),
    )
    return AgreementPage(
        line=_agreement_line(row, standing),
        vendor_id=row.vendor_id,
        vendor_name=row.vendor.name,
        facts=_facts(row, terms),
        groups=tuple(
            (group, tuple(lines[one.id] for one in clauses.values() if one.requirement == group)) for group in _GROUPS
        ),
        open_clauses=selectors.open_clauses({one.clause_id: one.found for one in found.values()}, clauses.values()),
        flags=wording.flags_in(row.wording),
        has_wording=bool(row.wording),
        copies=tuple(
            CopyLine(one.id, one.file_name, one.sha256, one.size_bytes, one.added_at, names.get(one.added_by_id, ""))
            for one in copies
        ),
        entries=records.lines_of("agreement", agreement_id, labels=AGREEMENT_LABELS),
        choices=tuple(ClauseFinding.Found.choices),
        is_unsigned=row.state in {Agreement.State.DRAFT, Agreement.State.REVIEW},
        is_signed=row.state == Agreement.State.SIGNED,
        is_ended=row.state == Agreement.State.ENDED,
        ended_reason=row.ended_reason,
        can_write=access.allows(actor, "compliance.write"),
    )


def _clause_line(clause: Clause, found: ClauseFinding | None, names: dict[UUID, str]) -> ClauseLine:
    return ClauseLine(
        id=clause.id,
        title=clause.title,
        text=clause.text,
        citation=clause.citation or clause.basis,
        condition=clause.condition,
        risk=clause.risk_if_missing,
        is_imaging=clause.is_imaging,
        found=found.found if found else "",
        reference=found.reference if found else "",
        note=found.note if found else "",
        reviewed_at=found.reviewed_at if found else None,
        reviewer=names.get(found.reviewer_id, "") if found and found.reviewer_id else "",
    )
