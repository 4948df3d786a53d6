"""One section of the walk."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from common.actor import Actor
from compliance.analysis import selectors
from compliance.analysis.contexts.answers import Around, Card, make_card, may_answer
from compliance.analysis.heads import Head, head_of
from compliance.models import SectionState


@dataclass(frozen=True, slots=True)
class SectionLink:
    id: str
    title: str


@dataclass(frozen=True, slots=True)
class SectionPage:
    """A section with all of its questions."""

    head: Head
    id: str
    title: str
    about: str
    is_closed: bool
    closed_by: str
    closed_at: dt.datetime | None
    reopen_reason: str
    cards: tuple[Card, ...]
    previous: SectionLink | None
    next: SectionLink | None

    @property
    def to_do_count(self) -> int:
        """Count what keeps the section from being closed."""
        return sum(1 for card in self.cards if card.to_do or card.is_flagged)


@dataclass(frozen=True, slots=True)
class Presence:
    """Who else has the section open."""

    analysis_id: UUID
    section_id: str
    names: tuple[str, ...]


def section_page(*, actor: Actor, section: SectionState) -> SectionPage:
    """Return a section for one reader."""
    analysis = section.analysis
    answers = selectors.list_answers(analysis.id, section_id=section.section_id)
    around = Around.of(analysis, answers)
    head = head_of(actor, analysis)
    is_closed = section.closed_at is not None
    content = around.catalogue.sections[section.section_id]
    links = [SectionLink(one.id, one.title) for one in around.catalogue.sections.values()]
    place = [link.id for link in links].index(content.id)
    can_change = head.is_open and not is_closed
    return SectionPage(
        head=head,
        id=content.id,
        title=content.title,
        about=content.about,
        is_closed=is_closed,
        closed_by=section.closed_by.name if section.closed_by else "",
        closed_at=section.closed_at,
        reopen_reason=section.reopen_reason,
        cards=tuple(
            make_card(around, answer, can_answer=can_change and may_answer(actor, answer)) for answer in answers
        ),
        previous=links[place - 1] if place else None,
        next=links[place + 1] if place + 1 < len(links) else None,
    )


def presence(*, actor: Actor, section: SectionState) -> Presence:
    """Return who else has a section open."""
    names = selectors.who_is_in(section=section, except_for=actor.id)
    return Presence(analysis_id=section.analysis_id, section_id=section.section_id, names=tuple(names))
