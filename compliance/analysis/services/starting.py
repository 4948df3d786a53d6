"""Beginning an analysis: empty, or from an earlier one."""

from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import access
from audit import services as audit
from common.actor import Actor, ActorKind
from common.scope import tenant_scope
from compliance.analysis import selectors
from compliance.analysis.errors import DescriptionRefusedError, DraftExistsError
from compliance.models import Analysis, Answer, SectionState
from compliance.packs import library
from compliance.packs import selectors as packs
from compliance.packs.library import Catalogue
from compliance.packs.migration import migrate
from compliance.risks import services as risks

# What an analysis takes over from the one before it; names and dates of its issue are its own.
_CARRIED = ("scope", "exclusions", "assumptions", "participants", "sites", "asset_classes", "review_triggers")
_COPIED = ("value", "comment", "assignee_id", "answered_by_id", "answered_at")
_NAMES = ("assessor", "security_official", "practice_owner", "keep_years")


def start_analysis(*, actor: Actor, title: str, from_analysis_id: UUID | None = None) -> Analysis:
    """Begin a draft; from an earlier analysis it takes the answers and risks over, each to be confirmed."""
    if not (title := title.strip()):
        raise DescriptionRefusedError("Give the analysis a name, such as the year.")
    with tenant_scope(actor.tenant_id):
        access.require(actor, "compliance.write")
        earlier = selectors.get_analysis(actor=actor, analysis_id=from_analysis_id) if from_analysis_id else None
        try:
            with transaction.atomic():
                analysis = _create(actor, title, earlier)
        except IntegrityError:
            raise DraftExistsError from None
    return analysis


def _create(actor: Actor, title: str, earlier: Analysis | None) -> Analysis:
    carried = {name: getattr(earlier, name) for name in (*_CARRIED, *_NAMES)} if earlier else {}
    choice = packs.active_choice()
    analysis: Analysis = Analysis.objects.create(
        tenant_id=actor.tenant_id,
        title=title[:120],
        pack_versions=dict(choice),
        previous=earlier,
        created_by_id=actor.id if actor.kind is ActorKind.USER else None,
        **carried,
    )
    catalogue = library.catalogue(choice)
    _open_questions(analysis, catalogue)
    if earlier is not None:
        _carry_answers(analysis, earlier)
        risks.carry_over(analysis=analysis, earlier=earlier)
    risks.propose_from_inventory(actor=actor, analysis=analysis)
    audit.record(actor=actor, action="analysis.started", subject_id=analysis.id)
    return analysis


def _open_questions(analysis: Analysis, catalogue: Catalogue) -> None:
    own = {"tenant_id": analysis.tenant_id, "analysis": analysis}
    SectionState.objects.bulk_create(SectionState(section_id=section_id, **own) for section_id in catalogue.sections)
    Answer.objects.bulk_create(
        Answer(question_id=question.id, section_id=question.section_id, **own)
        for question in catalogue.questions.values()
    )


def _carry_answers(analysis: Analysis, earlier: Analysis) -> None:
    """Take the answers over, in the words of a newer pack where there is one; each is to be confirmed."""
    given = {answer.question_id: answer for answer in selectors.list_answers(earlier.id) if answer.value}
    reason = _("Carried over from %(title)s.") % {"title": earlier.title}
    changed = []
    for pack_id, version in analysis.pack_versions.items():
        moved = migrate(
            given, library.load(pack_id, earlier.pack_versions.get(pack_id, version)), library.load(pack_id, version)
        )
        fresh = Answer.objects.filter(analysis=analysis, question_id__in=list(moved.answers))
        for row in fresh:
            is_changed = row.question_id in moved.to_confirm
            _copy(
                moved.answers[row.question_id],
                row,
                f"{reason} {_('The question has new words.')}" if is_changed else reason,
            )
            changed.append(row)
    Answer.objects.bulk_update(changed, [*_COPIED, "confirm_reason"])


def _copy(source: Answer, target: Answer, reason: str) -> None:
    for name in _COPIED:
        setattr(target, name, getattr(source, name))
    target.confirm_reason = reason
