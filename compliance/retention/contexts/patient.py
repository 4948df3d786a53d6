"""What a patient reads about how long his images are kept."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from accounts import selectors as accounts
from common.actor import Actor
from common.scope import tenant_scope
from compliance.models import KeepingRequest
from compliance.retention import explaining, policy, reckoning, wishes
from compliance.retention.wishes import WishLine
from sharing import patients


@dataclass(frozen=True, slots=True)
class KeptStudy:
    """One study, and until when it is kept at least."""

    study_id: UUID
    study_date: dt.date | None
    modalities: str
    until: dt.date
    rule: str


@dataclass(frozen=True, slots=True)
class PatientKeepingPage:
    """Until when the images are kept, and what was asked for."""

    tenant_name: str
    studies: tuple[KeptStudy, ...]
    wishes: tuple[WishLine, ...]
    open_wishes: frozenset[str]


def build(*, actor: Actor) -> PatientKeepingPage:
    """Return the page; only what the grant names is on it."""
    with tenant_scope(actor.tenant_id):
        terms = policy.terms()
        found = reckoning.of_studies(terms, actor.grant.study_ids if actor.grant else ())
        asked = wishes.list_of(patients.get_access(actor.id).patient_id)
        tenant_name = accounts.house(actor.tenant_id).name
    return PatientKeepingPage(
        tenant_name=tenant_name,
        studies=tuple(
            KeptStudy(
                study_id=one.study.id,
                study_date=one.study.study_date,
                modalities=one.study.modalities,
                until=one.verdict.until,
                rule=explaining.title_of(terms.book, one.verdict.deciding),
            )
            for one in found.values()
        ),
        wishes=tuple(asked),
        open_wishes=frozenset(one.wish for one in asked if one.state == KeepingRequest.State.OPEN),
    )
