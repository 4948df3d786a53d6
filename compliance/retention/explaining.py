"""A verdict in words: until when, which rule, which event, which citation, and what would change it."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from compliance.models import KeepingExtension
from compliance.retention import engine
from compliance.retention.content import DEFAULT_ID, RuleBook
from compliance.retention.engine import Block, Event, EventKind, Extension, Limit, Reason, Verdict
from compliance.retention.policy import Terms
from compliance.retention.reckoning import Reckoned

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

EVENTS: "dict[EventKind, StrOrPromise]" = {
    EventKind.STUDY: gettext_lazy("images taken"),
    EventKind.RECEIVED: gettext_lazy("images received, which carry no date"),
    EventKind.REPORT: gettext_lazy("report written"),
    EventKind.SHARE_OPENED: gettext_lazy("shared images opened"),
    EventKind.PATIENT_VISIT: gettext_lazy("patient looked at the images"),
    EventKind.PMS_VISIT: gettext_lazy("visit, by the practice's software"),
}
BLOCKS: "dict[str, StrOrPromise]" = {
    Block.HOLD: gettext_lazy("A hold stands."),
    Block.UNKNOWN_BIRTH_DATE: gettext_lazy(
        "The birth date is missing, or cannot be one: the patient may have been a minor."
    ),
    Block.INCOMPETENT: gettext_lazy("The patient cannot decide for himself: nothing is destroyed by the clock."),
    Block.UNCONFIRMED_RULE: gettext_lazy(
        "No compliance officer has confirmed the rule yet: until one does, it lets nothing go."
    ),
    Block.PATIENT_IN_DOUBT: gettext_lazy("Whose study this is is in doubt."),
    Block.OPEN_WISH: gettext_lazy("The patient asked for longer keeping, and nobody has answered."),
    "not_due": gettext_lazy("Something happened since: it is not past its time any more."),
    "absent": gettext_lazy("The study is not here any more."),
    "spared": gettext_lazy("It was taken off the list."),
    "cancelled": gettext_lazy("The run was given up."),
}


@dataclass(frozen=True, slots=True)
class LimitLine:
    """One reason to keep, in words."""

    until: dt.date
    title: str
    detail: str
    started_by: str
    started_date: dt.date | None
    citation: str
    url: str
    is_deciding: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """Until when a study is kept, and why."""

    until: dt.date
    deletable_from: dt.date | None
    is_due: bool
    limits: tuple[LimitLine, ...]
    blocks: tuple[str, ...]
    changes: tuple[str, ...]

    @property
    def deciding(self) -> LimitLine:
        """Return the limit that ends last."""
        return self.limits[0]


def explain(terms: Terms, found: Reckoned, *, today: dt.date) -> Explanation:
    """Put what was reckoned into words."""
    verdict = found.verdict
    lines = tuple(_line(terms.book, limit, is_deciding=number == 0) for number, limit in enumerate(_distinct(verdict)))
    return Explanation(
        until=verdict.until,
        deletable_from=verdict.deletable_from,
        is_due=verdict.is_due(today),
        limits=lines,
        blocks=tuple(str(BLOCKS[block]) for block in verdict.blocks),
        changes=tuple(_changes(terms, found, today)),
    )


def _distinct(verdict: Verdict) -> list[Limit]:
    return list(dict.fromkeys(verdict.limits))


def title_of(book: RuleBook, limit: Limit) -> str:
    """Return what a limit is called in lists: its jurisdiction, payer, or kind of longer keeping."""
    if limit.reason is Reason.OVERLAY:
        return book.overlays[limit.rule_id].applies_when
    if limit.reason is Reason.EXTENSION:
        return str(KeepingExtension.Kind(limit.rule_id).label)
    if limit.rule_id == DEFAULT_ID:
        if limit.fallback_for:
            place = book.rules[limit.fallback_for].jurisdiction if limit.fallback_for in book.rules else ""
            return _("Default, in place of %(place)s") % {"place": place or limit.fallback_for}
        return _("Default")
    return book.rules[limit.rule_id].jurisdiction


def _line(book: RuleBook, limit: Limit, *, is_deciding: bool) -> LimitLine:
    rule = book.rules.get(limit.rule_id)
    overlay = book.overlays.get(limit.rule_id)
    return LimitLine(
        until=limit.until,
        title=title_of(book, limit),
        detail=_detail(limit),
        started_by=str(EVENTS[limit.started_by.kind]) if limit.started_by else "",
        started_date=limit.started_by.date if limit.started_by else None,
        citation=limit.citation,
        url=rule.url if rule else overlay.url if overlay else "",
        is_deciding=is_deciding,
    )


def _detail(limit: Limit) -> str:
    words = {"years": limit.years}
    if limit.reason is Reason.MINOR:
        return _("until the age of %(years)s, since the patient was a minor on the day of the images") % words
    if limit.years:
        return _("%(years)s years from the newest event of the patient") % words
    return _("until a day that was chosen")


def _changes(terms: Terms, found: Reckoned, today: dt.date) -> Iterator[str]:
    """Say what would change the day, each reckoned, none guessed."""
    visit = Event(EventKind.PMS_VISIT, today)
    yield _("A visit, a report or an opened link today: kept until %(day)s.") % {
        "day": _until(found, events=(*found.record.events, visit))
    }
    longer = Extension(KeepingExtension.Kind.IMPLANT, years=terms.extension_years[KeepingExtension.Kind.IMPLANT])
    yield _("Marking it as an implant case: kept until %(day)s.") % {
        "day": _until(found, extensions=(*found.record.extensions, longer))
    }
    if Block.UNKNOWN_BIRTH_DATE in found.verdict.blocks:
        yield _("A birth date in the patient's data: until then nothing of it is destroyed.")
    if Block.UNCONFIRMED_RULE in found.verdict.blocks:
        yield _("A confirmation of the rule, under Retention > Rules: until then nothing of it is destroyed.")
    if Block.HOLD in found.verdict.blocks:
        yield _("The end of the hold: until then nothing of it is destroyed.")
    else:
        yield _("A hold: nothing of it is destroyed for as long as it stands.")


def _until(found: Reckoned, *, events: tuple[Event, ...] = (), extensions: tuple[Extension, ...] = ()) -> str:
    record = replace(
        found.record, events=events or found.record.events, extensions=extensions or found.record.extensions
    )
    return engine.judge(record, periods=found.periods, overlays=found.overlays).until.isoformat()
