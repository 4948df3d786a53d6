"""What the tenant chose and confirmed: where it treats, whose periods apply, and which rules may act."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts import access
from audit import services as audit
from common.actor import Actor, ActorKind
from common.clock import now
from common.errors import ForbiddenError
from common.scope import tenant_scope
from compliance.models import KeepingExtension, RetentionPolicy, RuleConfirmation
from compliance.retention import rulebook
from compliance.retention.content import DEFAULT_ID, MinorClock, RuleBook
from compliance.retention.engine import Figures
from compliance.retention.errors import RuleNotFoundError, RuleRefusedError

Kind = KeepingExtension.Kind
# A practice's choice, not a law: as long as such work is expected to last.
EXTENSION_YEARS: Final[Mapping[str, int]] = {Kind.IMPLANT: 20, Kind.ORTHODONTIC: 15, Kind.COMPLEX: 15}
MAX_YEARS: Final = 100


@dataclass(frozen=True, slots=True)
class Terms:
    """By what studies are kept; a simulation changes a copy of them."""

    book: RuleBook
    jurisdictions: tuple[str, ...] = ()
    overlays: tuple[str, ...] = ()
    confirmed: Mapping[str, Figures | None] = field(default_factory=dict)
    extension_years: Mapping[str, int] = field(default_factory=lambda: dict(EXTENSION_YEARS))
    notifies_patients: bool = False

    def with_figures(self, rule_id: str, figures: Figures | None) -> "Terms":
        """Return the terms as they would be with a rule confirmed, by its own figures or those of the book."""
        return replace(self, confirmed={**self.confirmed, rule_id: figures})

    @property
    def rule_ids(self) -> tuple[str, ...]:
        """Return the rules that hold for every patient of the tenant."""
        return self.jurisdictions or (DEFAULT_ID,)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Who said that a rule may act, when, and on what grounds."""

    rule_id: str
    figures: Figures | None
    source: str
    reason: str
    confirmed_by: str
    confirmed_at: dt.datetime
    book_version: int


# --- reading (inside the open scope) ----------------------------------------------------------------------------------


def terms() -> Terms:
    """Return what the open tenant keeps its studies by."""
    book = rulebook.latest()
    confirmed = {rule_id: one.figures for rule_id, one in confirmations().items()}
    row = RetentionPolicy.objects.first()
    if row is None:
        return Terms(book, confirmed=confirmed)
    return Terms(
        book,
        jurisdictions=tuple(row.jurisdictions),
        overlays=tuple(row.overlays),
        confirmed=confirmed,
        extension_years={**EXTENSION_YEARS, **row.extension_years},
        notifies_patients=row.notifies_patients,
    )


def confirmations() -> dict[str, Confirmation]:
    """Return the confirmations that hold, by their rules."""
    newest = {row.rule_id: row for row in RuleConfirmation.objects.select_related("confirmed_by").order_by("id")}
    return {rule_id: _confirmation(row) for rule_id, row in newest.items() if not row.is_withdrawn}


def history(rule_id: str) -> list[tuple[bool, Confirmation]]:
    """List everything that was confirmed or withdrawn about a rule, newest first; True for what was withdrawn."""
    rows = RuleConfirmation.objects.select_related("confirmed_by").filter(rule_id=rule_id).order_by("-id")
    return [(row.is_withdrawn, _confirmation(row)) for row in rows]


def _confirmation(row: RuleConfirmation) -> Confirmation:
    figures = None
    if row.adult_years is not None and row.majority_age is not None and row.until_age is not None:
        figures = Figures(row.adult_years, MinorClock(row.majority_age, row.until_age), row.source)
    return Confirmation(
        rule_id=row.rule_id,
        figures=figures,
        source=row.source,
        reason=row.reason,
        confirmed_by=row.confirmed_by.name,
        confirmed_at=row.confirmed_at,
        book_version=row.book_version,
    )


def title_of(book: RuleBook, rule_id: str) -> str:
    """Return the name of a rule's jurisdiction, or of the default."""
    return book.rules[rule_id].jurisdiction if rule_id in book.rules else ""


# --- deciding ---------------------------------------------------------------------------------------------------------


def choose(
    *,
    actor: Actor,
    jurisdictions: Sequence[str],
    overlays: Sequence[str],
    extension_years: Mapping[str, int],
    notifies_patients: bool,
) -> None:
    """Say where the tenant treats, which payers' periods apply, and how long special cases are kept.

    Raises
    ------
    RuleNotFoundError
        If the book has no such rule or overlay.
    RuleRefusedError
        If a number of years cannot be one.
    """
    access.require(actor, "retention.manage")
    book = rulebook.latest()
    if set(jurisdictions) - set(book.rules) or set(overlays) - set(book.overlays):
        raise RuleNotFoundError
    if set(extension_years) - set(EXTENSION_YEARS) or not all(0 < n <= MAX_YEARS for n in extension_years.values()):
        raise RuleRefusedError("Give the years of longer keeping as whole numbers from 1 to 100.")
    with tenant_scope(actor.tenant_id), transaction.atomic():
        values = {
            "jurisdictions": sorted(set(jurisdictions)),
            "overlays": sorted(set(overlays)),
            "extension_years": dict(extension_years),
            "notifies_patients": notifies_patients,
            "changed_by_id": _person(actor),
            "changed_at": now(),
        }
        row, _ = RetentionPolicy.objects.update_or_create(tenant_id=actor.tenant_id, defaults=values)
        detail = {"jurisdictions": sorted(set(jurisdictions)), "overlays": sorted(set(overlays))}
        audit.record(actor=actor, action="retention.policy-chosen", subject_id=row.id, detail=detail)


@dataclass(frozen=True, slots=True)
class ConfirmationDraft:
    """What is confirmed; without figures those of the book hold."""

    rule_id: str
    source: str
    figures: Figures | None = None
    reason: str = ""


def confirm(*, actor: Actor, draft: ConfirmationDraft) -> UUID:
    """Say, as a named person, that a rule may act. Other figures than the book's need a reason.

    Raises
    ------
    RuleNotFoundError
        If there is no such rule.
    RuleRefusedError
        If there is no source, no reason for figures of one's own, or figures that cannot be.
    """
    access.require(actor, "retention.manage")
    _check(draft)
    own = draft.figures
    return _write(
        actor,
        "retention.rule-confirmed",
        draft.rule_id,
        source=draft.source.strip(),
        reason=draft.reason.strip(),
        adult_years=own.adult_years if own else None,
        majority_age=own.minor.majority_age if own else None,
        until_age=own.minor.until_age if own else None,
    )


def withdraw(*, actor: Actor, rule_id: str, reason: str) -> None:
    """Take a confirmation back: the rule keeps from now on, and lets nothing go."""
    access.require(actor, "retention.manage")
    if not reason.strip():
        raise RuleRefusedError("Say why the confirmation is taken back.")
    with tenant_scope(actor.tenant_id):
        if rule_id not in confirmations():
            raise RuleNotFoundError
    _write(actor, "retention.rule-withdrawn", rule_id, source=reason.strip(), is_withdrawn=True)


def _check(draft: ConfirmationDraft) -> None:
    if draft.rule_id != DEFAULT_ID and draft.rule_id not in rulebook.latest().rules:
        raise RuleNotFoundError
    if not draft.source.strip():
        raise RuleRefusedError("Name the source that was read: the citation, and where and when.")
    own = draft.figures
    if own is None:
        return
    if not draft.reason.strip():
        raise RuleRefusedError("Figures of your own need a reason.")
    if not (0 < own.adult_years <= MAX_YEARS and 16 <= own.minor.majority_age <= own.minor.until_age <= MAX_YEARS):
        raise RuleRefusedError("These years and ages cannot be: a minor's record is kept at least until majority.")


def _write(actor: Actor, action: str, rule_id: str, **values: object) -> UUID:
    with tenant_scope(actor.tenant_id), transaction.atomic():
        made: RuleConfirmation = RuleConfirmation.objects.create(
            tenant_id=actor.tenant_id,
            rule_id=rule_id,
            book_version=rulebook.latest().version,
            confirmed_by_id=_person(actor),
            **values,
        )
        audit.record(actor=actor, action=action, subject_id=made.id, detail={"rule": rule_id})
    return made.id


def _person(actor: Actor) -> UUID:
    """Return who decides: it has to be somebody with a name."""
    if actor.kind is not ActorKind.USER:
        raise ForbiddenError
    return actor.id
