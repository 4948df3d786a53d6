"""The list of what is due, runs, certificates, holds, and what patients ask for."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from accounts import access
from accounts import selectors as accounts
from common.actor import Actor
from common.clock import now, today
from compliance.models import DeletionItem, DeletionRun, RetentionHold
from compliance.retention import certificates, explaining, facts, holds, policy, reckoning, runs, wishes
from compliance.retention.certificates import CertificateLine
from compliance.retention.contexts.overview import RunLine, run_line
from compliance.retention.reckoning import Reckoned
from compliance.retention.wishes import WishLine
from pacs import retained
from pacs.selectors import survivors_of

_TONES = {
    DeletionItem.State.ACTIVE: "neutral",
    DeletionItem.State.HELD: "warn",
    DeletionItem.State.PENDING_DELETE: "info",
    DeletionItem.State.SHRED_QUEUED: "warn",
    DeletionItem.State.BARRIER_DONE: "bad",
    DeletionItem.State.OBJECTS_GONE: "bad",
    DeletionItem.State.CERTIFIED: "ok",
    DeletionItem.State.FINAL: "ok",
}


@dataclass(frozen=True, slots=True)
class DueLine:
    """One study that may be destroyed."""

    study_id: UUID
    patient: str
    study_date: dt.date | None
    modalities: str
    until: dt.date
    rule: str
    is_binned: bool
    is_requested: bool
    size_bytes: int


@dataclass(frozen=True, slots=True)
class DuePage:
    """What may be destroyed, to make a run of."""

    kind: str
    rows: tuple[DueLine, ...]
    binned_count: int
    due_count: int
    can_manage: bool
    cooling_days: int


def build_due(*, actor: Actor, kind: str) -> DuePage:
    """Return the list (inside the open scope)."""
    due, binned = runs.list_due(), runs.list_binned()
    return DuePage(
        kind=kind,
        rows=tuple(_due_lines(binned if kind == DeletionRun.Kind.BIN else due)),
        binned_count=len(binned),
        due_count=len(due),
        can_manage=access.allows(actor, "retention.manage"),
        cooling_days=runs.COOLING.days,
    )


def _due_lines(found: list[Reckoned]) -> Iterable[DueLine]:
    book, wanted = policy.terms().book, wishes.wanting_erasure()
    names = retained.names_of(one.study.id for one in found)
    for one in found:
        yield DueLine(
            study_id=one.study.id,
            patient=names.get(one.study.id, ""),
            study_date=one.study.study_date,
            modalities=one.study.modalities,
            until=one.verdict.until,
            rule=explaining.title_of(book, one.verdict.deciding),
            is_binned=one.study.binned_at is not None,
            is_requested=one.study.patient_id in wanted,
            size_bytes=one.study.size_bytes,
        )


# --- one run ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ItemLine:
    """One study of a run. Once it is destroyed only its number is left."""

    id: UUID
    study_id: UUID
    patient: str
    until: dt.date
    rule_id: str
    state_label: str
    tone: str
    kept_because: str
    is_requested: bool
    is_there: bool
    can_spare: bool


@dataclass(frozen=True, slots=True)
class RunPage:
    """One run, and what its reader may do now."""

    run: RunLine
    reason: str
    approvals: tuple[tuple[str, dt.datetime], ...]
    is_cooling: bool
    stopped_by: str
    stopped_at: dt.datetime | None
    stop_reason: str
    items: tuple[ItemLine, ...]
    size_bytes: int
    told: int
    can_approve: bool
    has_approved: bool
    can_stop: bool
    can_resume: bool


def build_run(*, actor: Actor, run_id: UUID) -> RunPage:
    """Return one run, or raise (inside the open scope)."""
    run = runs.get(run_id)
    items = runs.list_items(run_id)
    is_waiting = run.state == DeletionRun.State.PENDING
    may_approve, may_manage = access.allows(actor, "retention.approve"), access.allows(actor, "retention.manage")
    given = [(run.approved_by, run.approved_at), (run.seconded_by, run.seconded_at)]
    return RunPage(
        run=run_line(run, len(items)),
        reason=run.reason,
        approvals=tuple((person.name, at) for person, at in given if person is not None and at is not None),
        is_cooling=is_waiting and now() < run.cooling_until,
        stopped_by=run.stopped_by.name if run.stopped_by else "",
        stopped_at=run.stopped_at,
        stop_reason=run.stop_reason,
        items=tuple(_item_lines(run, items, may_manage=may_manage)),
        size_bytes=sum(item.size_bytes for item in items),
        told=run.notices.exclude(sent_at=None).count(),
        can_approve=may_approve and is_waiting and now() >= run.cooling_until and run.approved_by_id != actor.id,
        has_approved=is_waiting and run.approved_by_id == actor.id,
        can_stop=may_approve and run.state in {DeletionRun.State.PENDING, DeletionRun.State.APPROVED},
        can_resume=may_manage and run.state == DeletionRun.State.STOPPED,
    )


def _item_lines(run: DeletionRun, items: list[DeletionItem], *, may_manage: bool) -> Iterable[ItemLine]:
    names = retained.names_of(item.study_id for item in items)
    open_list = run.state in {DeletionRun.State.PENDING, DeletionRun.State.STOPPED}
    for item in items:
        state = DeletionItem.State(item.state)
        waits = state in {DeletionItem.State.PENDING_DELETE, DeletionItem.State.HELD}
        yield ItemLine(
            id=item.id,
            study_id=item.study_id,
            patient=names.get(item.study_id, ""),
            until=item.until_date,
            rule_id=item.rule_id,
            state_label=str(state.label),
            tone=_TONES[state],
            kept_because=str(explaining.BLOCKS[item.kept_because]) if item.kept_because else "",
            is_requested=item.is_requested,
            is_there=item.study_id in names,
            can_spare=may_manage and open_list and waits,
        )


# --- certificates, holds, wishes --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CertificatesPage:
    """The certificates of what was destroyed."""

    rows: tuple[CertificateLine, ...]


def build_certificates() -> CertificatesPage:
    """Return the certificates, newest first (inside the open scope)."""
    return CertificatesPage(tuple(certificates.list_lines()))


@dataclass(frozen=True, slots=True)
class HoldLine:
    """One hold."""

    id: UUID
    study_id: UUID | None
    kind: str
    matter: str
    owner: str
    review_date: dt.date
    is_overdue: bool
    placed_by: str
    placed_at: dt.datetime
    released_at: dt.datetime | None
    release_reason: str
    scope: str


@dataclass(frozen=True, slots=True)
class HoldsPage:
    """What is held."""

    rows: tuple[HoldLine, ...]
    can_hold: bool


def build_holds(*, actor: Actor) -> HoldsPage:
    """Return the holds that stand (inside the open scope)."""
    return HoldsPage(tuple(hold_lines(holds.list_standing())), access.allows(actor, "retention.hold"))


def hold_lines(rows: list[RetentionHold]) -> Iterable[HoldLine]:
    """Return holds as lines."""
    names = accounts.names_of_users({row.placed_by for row in rows})
    first = {one.patient_id: one.id for one in retained.studies_of({row.patient_id for row in rows})}
    for row in rows:
        yield HoldLine(
            id=row.id,
            study_id=row.study_id or first.get(row.patient_id),
            kind=str(RetentionHold.Kind(row.kind).label),
            matter=row.matter,
            owner=row.owner.name,
            review_date=row.review_date,
            is_overdue=row.released_at is None and row.review_date < today(),
            placed_by=names.get(row.placed_by, ""),
            placed_at=row.placed_at,
            released_at=row.released_at,
            release_reason=row.release_reason,
            scope=_("one study") if row.study_id else _("everything of the patient"),
        )


@dataclass(frozen=True, slots=True)
class WishRow:
    """One request with the earliest and the latest day of the patient's studies."""

    wish: WishLine
    study_id: UUID | None
    kept_until: dt.date | None


@dataclass(frozen=True, slots=True)
class WishesPage:
    """What patients ask for."""

    rows: tuple[WishRow, ...]
    can_manage: bool


def build_wishes(*, actor: Actor) -> WishesPage:
    """Return what waits for an answer (inside the open scope)."""
    rows = wishes.list_open()
    terms = policy.terms()
    survivors = survivors_of(row.patient_id for row in rows)
    everyone = facts.gather(sorted(set(survivors.values())))
    found = {one.patient_id: list(reckoning.of_patient(terms, one)) for one in everyone}
    return WishesPage(
        tuple(
            WishRow(
                wish=row,
                study_id=theirs[0].study.id if theirs else None,
                kept_until=max((one.verdict.until for one in theirs), default=None),
            )
            for row in rows
            for theirs in (found[survivors[row.patient_id]],)
        ),
        access.allows(actor, "retention.manage"),
    )
