"""The gate before artificial intelligence of others (AI-18): which papers are on record, and what lacks in words.

Open only with a signed agreement in effect whose copy is kept, encryption at rest and in transit, and a guarantee that
nothing is trained on images. What nobody knows keeps it shut.
"""

from collections.abc import Iterator
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from common.scope import tenant_scope
from compliance.models import Agreement, AgreementCopy, ClauseFinding, Known, Vendor
from compliance.vendors import selectors
from compliance.vendors.errors import VendorNotFoundError

AGREEMENT: Final = "agreement"
AT_REST: Final = "encryption-at-rest"
IN_TRANSIT: Final = "encryption-in-transit"
NO_TRAINING: Final = "no-training"
PAPERS: Final = frozenset({AGREEMENT, AT_REST, IN_TRANSIT, NO_TRAINING})
NO_TRAINING_CLAUSE: Final = "BAX-01"


def papers_on_record(*, tenant_id: UUID, supplier_name: str) -> frozenset[str]:
    """Name the papers of a supplier that are on record and in force; none where the register does not know it."""
    with tenant_scope(tenant_id):
        vendor = Vendor.objects.filter(name__iexact=supplier_name.strip()).first()
        if vendor is None:
            return frozenset()
        return PAPERS - {paper for paper, _text in _lacks(vendor.id)}


def third_party_ai_lacks(*, tenant_id: UUID, vendor_id: UUID) -> tuple[str, ...]:
    """Say in words what keeps a vendor's artificial intelligence shut; a vendor that is not there is a lack too."""
    with tenant_scope(tenant_id):
        try:
            return lacks_of(vendor_id)
        except VendorNotFoundError:
            return (_("There is no such vendor in the register."),)


def lacks_of(vendor_id: UUID) -> tuple[str, ...]:
    """Say in words what keeps the gate shut (inside the open scope); empty: it is open."""
    return tuple(dict.fromkeys(text for _paper, text in _lacks(vendor_id)))


def _lacks(vendor_id: UUID) -> Iterator[tuple[str, str]]:
    """Yield each paper that is not there, with the reason."""
    standing = selectors.standing_of(vendor_id)
    vendor, holding = standing.vendor, standing.in_effect
    if vendor.ended_date is not None:
        yield from ((paper, _("The relation with the vendor has ended.")) for paper in sorted(PAPERS))
    if holding is None:
        yield AGREEMENT, _("No signed business associate agreement is in effect (45 CFR 164.308(b)(1)).")
    elif not AgreementCopy.objects.filter(agreement_id=holding.id).exists():
        yield AGREEMENT, _("The signed copy of the agreement is not kept here.")
    if vendor.encrypts_at_rest != Known.YES:
        yield AT_REST, _("It is not established that the vendor encrypts images at rest.")
    if vendor.encrypts_in_transit != Known.YES:
        yield IN_TRANSIT, _("It is not established that images are encrypted on the way.")
    yield from ((NO_TRAINING, text) for text in _training(vendor, holding))


def _training(vendor: Vendor, holding: Agreement | None) -> Iterator[str]:
    if vendor.trains_on_images != Known.NO:
        yield _("It is not established that the vendor does not train on images.")
    if holding is None:
        yield _("No agreement in effect forbids training on images.")
        return
    if holding.training_term != Agreement.Training.PROHIBITED:
        yield _("The agreement does not forbid training on images.")
    clause = ClauseFinding.objects.filter(agreement_id=holding.id, clause_id=NO_TRAINING_CLAUSE).first()
    if clause is None or clause.found != ClauseFinding.Found.YES:
        yield _("Nobody found the clause against training in the agreement and wrote down where it stands.")
