"""The head that every page of one analysis has: also those of the register."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from accounts import access
from common.actor import Actor
from compliance.models import Analysis

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

STATES: dict[str, tuple["StrOrPromise", str]] = {
    Analysis.State.DRAFT: (_("Draft"), "info"),
    Analysis.State.ISSUED: (_("Issued"), "ok"),
    Analysis.State.STALE: (_("Stale"), "warn"),
    Analysis.State.SUPERSEDED: (_("Superseded"), "neutral"),
}


@dataclass(frozen=True, slots=True)
class Badge:
    label: "StrOrPromise"
    tone: str


@dataclass(frozen=True, slots=True)
class Head:
    """Which analysis it is, and what the reader may do with it."""

    id: UUID
    title: str
    badge: Badge
    is_open: bool
    is_issued: bool
    can_write: bool
    can_issue: bool

    @property
    def can_change(self) -> bool:
        """Say whether something of it can be changed by this reader now."""
        return self.is_open and self.can_write


def head_of(actor: Actor, analysis: Analysis) -> Head:
    """Return the head of an analysis for one reader."""
    is_open = analysis.state in Analysis.EDITABLE
    return Head(
        id=analysis.id,
        title=analysis.title,
        badge=Badge(*STATES[analysis.state]),
        is_open=is_open,
        is_issued=analysis.state == Analysis.State.ISSUED,
        can_write=access.allows(actor, "compliance.write"),
        can_issue=is_open and access.allows(actor, "analysis.issue"),
    )
