"""What the page shows on which a report is written."""

from dataclasses import dataclass
from uuid import UUID

from accounts import access
from accounts import selectors as accounts
from common.actor import Actor
from pacs import selectors
from pacs.contexts import parts
from pacs.contexts.parts import StudyLine
from pacs.reports import services as reports
from pacs.reports.services import ReportRef, ReportText


@dataclass(frozen=True, slots=True)
class ReportPage:
    """`draft_id` is None until something was saved; `supersedes` is the signed version that a new one is begun from."""

    study: StudyLine
    version: int
    draft_id: UUID | None
    supersedes: int | None
    can_sign: bool
    signer_name: str
    text: ReportText


def build(*, actor: Actor, study_id: UUID) -> ReportPage:
    """Return the draft of a study, or a new version that begins with the words of the signed one (inside the scope)."""
    study = selectors.study_row(actor=actor, study_id=study_id)
    latest = next(iter(reports.list_reports(actor=actor, study_id=study_id)), None)
    is_signed = latest is not None and latest.is_signed
    return ReportPage(
        study=parts.study_line(study),
        version=_version(latest),
        draft_id=latest.id if latest is not None and not is_signed else None,
        supersedes=latest.version if latest is not None and is_signed else None,
        can_sign=access.allows(actor, "report.sign"),
        signer_name=accounts.names_of_users({actor.id}).get(actor.id, ""),
        text=latest.text if latest is not None else ReportText(),
    )


def _version(latest: ReportRef | None) -> int:
    if latest is None:
        return 1
    return latest.version + 1 if latest.is_signed else latest.version
