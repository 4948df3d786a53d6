"""Reads of vendors and agreements: one, all, and what is open about them."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.utils.translation import gettext as _

from common.clock import now, today
from compliance.models import Agreement, AgreementCopy, ClauseFinding, ExitProof, SubProcessor, Vendor, VendorUse
from compliance.packs import selectors as packs
from compliance.packs.content import Clause
from compliance.vendors.errors import VendorNotFoundError
from compliance.vendors.need import Answer, need_of

if TYPE_CHECKING:
    from django.db.models import QuerySet

# Days before the last day of an agreement on which somebody is told.
THRESHOLDS: Final = (90, 60, 30, 7)
REVIEW_DAYS: Final = 365
PROOF_DAYS: Final = 30
KEEP_YEARS: Final = 6
_IN_WRITING: Final = (Agreement.Training.PROHIBITED, Agreement.Training.OPTED_IN)


@dataclass(frozen=True, slots=True)
class Alert:
    """What is open about a vendor; `id` is a rule of the checklist (BAL-1 to BAL-7)."""

    id: str
    text: str
    tone: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A vendor with what it agreed to and what is open about it."""

    vendor: Vendor
    agreements: tuple[Agreement, ...]
    in_effect: Agreement | None
    open_clauses: tuple[str, ...]
    alerts: tuple[Alert, ...]

    @property
    def is_missing(self) -> bool:
        """Say whether an agreement is needed and none is in effect."""
        return any(alert.id == "BAL-1" for alert in self.alerts)


def get_vendor(vendor_id: UUID) -> Vendor:
    """Return one vendor of the open tenant, or raise."""
    row: Vendor | None = Vendor.objects.filter(id=vendor_id).first()
    if row is None:
        raise VendorNotFoundError
    return row


def get_agreement(agreement_id: UUID) -> Agreement:
    """Return one agreement with its vendor, or raise."""
    row: Agreement | None = Agreement.objects.select_related("vendor").filter(id=agreement_id).first()
    if row is None:
        raise VendorNotFoundError
    return row


def get_copy(copy_id: UUID) -> AgreementCopy:
    """Return one signed copy, or raise."""
    row: AgreementCopy | None = AgreementCopy.objects.filter(id=copy_id).first()
    if row is None:
        raise VendorNotFoundError
    return row


def get_proof(proof_id: UUID) -> ExitProof:
    """Return one proof with a file, or raise."""
    row: ExitProof | None = ExitProof.objects.exclude(blob_id=None).filter(id=proof_id).first()
    if row is None:
        raise VendorNotFoundError
    return row


def get_sub_processor(sub_id: UUID) -> SubProcessor:
    """Return one sub-processor with its vendor, or raise."""
    row: SubProcessor | None = SubProcessor.objects.select_related("vendor").filter(id=sub_id).first()
    if row is None:
        raise VendorNotFoundError
    return row


def list_standing(*, vendor_ids: Iterable[UUID] | None = None) -> list[Standing]:
    """List vendors by name with what is open about each, in five queries however many they are."""
    vendors = Vendor.objects.order_by("name")
    if vendor_ids is not None:
        vendors = vendors.filter(id__in=list(vendor_ids))
    rows = list(vendors)
    ids = [row.id for row in rows]
    agreements: dict[UUID, list[Agreement]] = {}
    for agreement in Agreement.objects.filter(vendor_id__in=ids).order_by("-number"):
        agreements.setdefault(agreement.vendor_id, []).append(agreement)
    found: dict[UUID, dict[str, str]] = {}
    for agreement_id, clause_id, state in ClauseFinding.objects.filter(agreement__vendor_id__in=ids).values_list(
        "agreement_id", "clause_id", "found"
    ):
        found.setdefault(agreement_id, {})[clause_id] = state
    proven = set(ExitProof.objects.filter(vendor_id__in=ids).values_list("vendor_id", flat=True))
    clauses = list(packs.active().clauses.values())
    return [
        _standing(row, tuple(agreements.get(row.id, ())), found, clauses, is_proven=row.id in proven) for row in rows
    ]


def standing_of(vendor_id: UUID) -> Standing:
    """Return one vendor with what is open about it, or raise."""
    found = list_standing(vendor_ids=[vendor_id])
    if not found:
        raise VendorNotFoundError
    return found[0]


def standing_of_asset(asset_id: UUID) -> list[Standing]:
    """List the vendors that are at work on an asset."""
    return _standing_where(VendorUse.objects.filter(asset_id=asset_id))


def standing_of_party(party_id: UUID) -> list[Standing]:
    """List the vendors behind a party of the map."""
    return _standing_where(VendorUse.objects.filter(party_id=party_id))


def _standing_where(uses: "QuerySet[VendorUse]") -> list[Standing]:
    ids = list(uses.values_list("vendor_id", flat=True))
    return list_standing(vendor_ids=ids) if ids else []


def effective_of(agreements: Iterable[Agreement], day: dt.date) -> Agreement | None:
    """Return the signed agreement that holds on a day; of several the one with the latest end."""
    holding = [
        one
        for one in agreements
        if one.state == Agreement.State.SIGNED
        and one.effective_date is not None
        and one.effective_date <= day
        and (one.expiry_date is None or one.expiry_date >= day)
    ]
    return max(holding, key=lambda one: one.expiry_date or dt.date.max, default=None)


def open_clauses(found: dict[str, str], clauses: Iterable[Clause]) -> tuple[str, ...]:
    """Name the clauses that keep an agreement from being complete."""
    conditional = {ClauseFinding.Found.YES, ClauseFinding.Found.NOT_APPLICABLE}
    return tuple(
        clause.id
        for clause in clauses
        if (clause.requirement == "required" and found.get(clause.id) != ClauseFinding.Found.YES)
        or (clause.requirement == "conditional" and found.get(clause.id) not in conditional)
    )


def keep_until(agreement: Agreement) -> dt.date | None:
    """Return the day until which an agreement is kept: six years after it was last in effect; None while it runs."""
    last = agreement.ended_date or agreement.expiry_date
    if last is None:
        return None
    if last.year + KEEP_YEARS > dt.MAXYEAR:
        return dt.date.max
    try:
        return last.replace(year=last.year + KEEP_YEARS)
    except ValueError:
        return last.replace(year=last.year + KEEP_YEARS, day=28)


def _standing(
    vendor: Vendor,
    agreements: tuple[Agreement, ...],
    found: dict[UUID, dict[str, str]],
    clauses: list[Clause],
    *,
    is_proven: bool,
) -> Standing:
    holding = effective_of(agreements, today())
    lacking = open_clauses(found.get(holding.id, {}), clauses) if holding else ()
    alerts = _exit_alerts(vendor, is_proven=is_proven) if vendor.ended_date else _alerts(vendor, agreements, lacking)
    return Standing(vendor, agreements, holding, lacking, tuple(alerts))


def _alerts(vendor: Vendor, agreements: tuple[Agreement, ...], lacking: tuple[str, ...]) -> list[Alert]:
    day, need = today(), need_of(vendor)
    holding = effective_of(agreements, day)
    found = []
    if holding is None:
        if need.answer in {Answer.REQUIRED, Answer.UNKNOWN, Answer.DECIDE}:
            found.append(_missing(agreements, day, need.answer))
        return found
    if holding.expiry_date is not None and (holding.expiry_date - day).days <= THRESHOLDS[0]:
        found.append(
            Alert("BAL-2", _("The agreement ends on {day}.").format(day=holding.expiry_date.isoformat()), "warn")
        )
    if lacking:
        found.append(
            Alert("BAL-3", _("Clauses missing, unclear or not checked: {ids}.").format(ids=", ".join(lacking)), "bad")
        )
    if vendor.is_ai and holding.training_term not in _IN_WRITING:
        found.append(Alert("BAL-4", _("The agreement does not forbid training on images."), "bad"))
    if holding.reviewed_at is None or (now() - holding.reviewed_at).days > REVIEW_DAYS:
        found.append(Alert("BAL-6", _("Not reviewed within twelve months."), "warn"))
    return found


def _missing(agreements: tuple[Agreement, ...], day: dt.date, need: Answer) -> Alert:
    expired = [one.expiry_date for one in agreements if one.state == Agreement.State.SIGNED and one.expiry_date]
    past = [one for one in expired if one < day]
    if past:
        return Alert("BAL-1", _("The agreement expired on {day}.").format(day=max(past).isoformat()), "bad")
    if need is Answer.REQUIRED:
        return Alert("BAL-1", _("No signed agreement is in effect."), "bad")
    return Alert("BAL-1", _("Whether an agreement is needed is not decided, and none is in effect."), "warn")


def _exit_alerts(vendor: Vendor, *, is_proven: bool) -> list[Alert]:
    assert vendor.ended_date is not None
    if is_proven or need_of(vendor).answer is Answer.NOT_REQUIRED:
        return []
    is_late = (today() - vendor.ended_date).days > PROOF_DAYS
    text = _("The relation ended on {day}; nothing shows what became of the data.")
    return [Alert("BAL-5", text.format(day=vendor.ended_date.isoformat()), "bad" if is_late else "warn")]
