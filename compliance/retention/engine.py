"""Reckoning until when a study is kept: pure values in, pure values out.

Everything here can only lengthen: a study is kept until the *latest* of all limits, and any block keeps it for as long
as the block stands. A further rule, event, extension or hold therefore never makes an earlier day (the tests show it).
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from compliance.retention.content import DEFAULT_ID, MinorClock, Overlay, RuleBook

# A birth date so far back is a placeholder of a device, not somebody's birthday.
_OLDEST_YEARS = 125


class EventKind(StrEnum):
    """What starts the clock again."""

    STUDY = "study"
    RECEIVED = "received"
    REPORT = "report"
    SHARE_OPENED = "share_opened"
    PATIENT_VISIT = "patient_visit"
    PMS_VISIT = "pms_visit"


class Reason(StrEnum):
    """What kind of limit keeps a study."""

    ADULT = "adult"
    MINOR = "minor"
    OVERLAY = "overlay"
    EXTENSION = "extension"


class Block(StrEnum):
    """What keeps a study whatever the day."""

    HOLD = "hold"
    UNKNOWN_BIRTH_DATE = "unknown_birth_date"
    INCOMPETENT = "incompetent"
    UNCONFIRMED_RULE = "unconfirmed_rule"
    PATIENT_IN_DOUBT = "patient_in_doubt"
    OPEN_WISH = "open_wish"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened with the patient's record."""

    kind: EventKind
    date: dt.date


@dataclass(frozen=True, slots=True)
class Period:
    """One rule, ready to be applied.

    Parameters
    ----------
    rule_id
        Id of the rule that asks for the period; `fallback_for` names the jurisdiction that the default stands in for.
    years
        Whole years from the newest event.
    minor
        How long the record of a minor is kept.
    is_confirmed
        Whether a named person of the tenant confirmed the rule. One that is not confirmed keeps, and lets nothing go.
    """

    rule_id: str
    years: int
    minor: MinorClock
    citation: str
    from_event: str
    is_confirmed: bool
    fallback_for: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """Periods that a tenant confirmed in place of those of the book, on advice of its own."""

    adult_years: int
    minor: MinorClock
    citation: str


@dataclass(frozen=True, slots=True)
class Extension:
    """Longer keeping of one study or patient: for whole years from the newest event, or until a day."""

    kind: str
    years: int | None = None
    until: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """One study as the clock sees it; `events` are the patient's, since a new visit restarts the whole record."""

    image_date: dt.date
    events: tuple[Event, ...] = ()
    birth_date: dt.date | None = None
    is_incompetent: bool = False
    is_in_doubt: bool = False
    # The patient asked for longer keeping, and nobody has answered.
    has_open_wish: bool = False
    hold_count: int = 0
    extensions: tuple[Extension, ...] = ()


@dataclass(frozen=True, slots=True)
class Limit:
    """One reason to keep a study until a day; `started_by` is None where the birthday counts, not an event."""

    until: dt.date
    reason: Reason
    rule_id: str
    citation: str
    years: int
    started_by: Event | None
    fallback_for: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Until when a study is kept, and everything that says so; the latest limit comes first."""

    limits: tuple[Limit, ...]
    blocks: tuple[Block, ...]

    @property
    def deciding(self) -> Limit:
        """Return the limit that ends last."""
        return self.limits[0]

    @property
    def until(self) -> dt.date:
        """Return the day on which the last limit ends, whatever blocks."""
        return self.limits[0].until

    @property
    def deletable_from(self) -> dt.date | None:
        """Return the first day on which the study may be destroyed; None while something blocks it."""
        return None if self.blocks else self.until

    def is_due(self, day: dt.date) -> bool:
        """Say whether the study may be destroyed on a day."""
        return not self.blocks and self.until <= day


def plus_years(day: dt.date, years: int) -> dt.date:
    """Add whole calendar years; 29 February becomes 1 March where there is none: later, never earlier."""
    # A device that does not know the day may write 99991231.
    if day.year + years > dt.MAXYEAR:
        return dt.date.max
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return dt.date(day.year + years, 3, 1)


def periods_of(
    book: RuleBook, jurisdictions: Sequence[str], confirmed: dict[str, Figures | None] | None = None
) -> tuple[Period, ...]:
    """Return the periods that hold where somebody is treated or lives.

    Parameters
    ----------
    jurisdictions
        Ids of rules of the book. Without any the default holds; for one that the book does not know it stands in.
    confirmed
        The rules that a person of the tenant confirmed, each with figures of its own or None for those of the book.
        None means that all of them are taken as confirmed.
    """
    wanted = tuple(dict.fromkeys(jurisdictions)) or (DEFAULT_ID,)
    return tuple(period for rule_id in wanted for period in _periods(book, rule_id, confirmed))


def _periods(book: RuleBook, rule_id: str, confirmed: dict[str, Figures | None] | None) -> tuple[Period, ...]:
    is_confirmed = confirmed is None or rule_id in confirmed
    own = confirmed.get(rule_id) if confirmed else None
    rule = book.rules.get(rule_id)
    if own is not None:
        event = rule.from_event if rule else book.default.from_event
        return (Period(rule_id, own.adult_years, own.minor, own.citation, event, is_confirmed=True),)
    if rule is None or rule.adult_years is None:
        return (_default(book, rule_id, is_confirmed=is_confirmed),)
    # A rule that says nothing of minors: the adult period then begins with majority, as claims of minors mostly do.
    minor = rule.minor or MinorClock(rule.majority_age, rule.majority_age + rule.adult_years)
    known = Period(rule_id, rule.adult_years, minor, rule.citation, rule.from_event, is_confirmed)
    return (known,) if is_confirmed else (known, _default(book, rule_id, is_confirmed=False))


def _default(book: RuleBook, rule_id: str, *, is_confirmed: bool) -> Period:
    return Period(
        rule_id=DEFAULT_ID,
        years=book.default.adult_years,
        minor=book.default.minor,
        citation="",
        from_event=book.default.from_event,
        is_confirmed=is_confirmed,
        fallback_for="" if rule_id == DEFAULT_ID else rule_id,
    )


def judge(record: Record, *, periods: Sequence[Period], overlays: Sequence[Overlay] = ()) -> Verdict:
    """Return until when a study is kept, and why.

    Parameters
    ----------
    record
        The study, and what happened with its patient.
    periods
        Every rule that applies (`periods_of`); at least one.
    overlays
        What comes on top.

    Raises
    ------
    ValueError
        Without any period: then nothing says how long to keep.
    """
    if not periods:
        raise ValueError("no rule applies")
    newest = newest_event(record)
    limits = [limit for period in periods for limit in _limits(record, period, newest)]
    limits += [_overlay_limit(overlay, newest) for overlay in overlays]
    limits += [limit for extension in record.extensions if (limit := _extension_limit(extension, newest))]
    limits.sort(key=lambda limit: (limit.until, limit.years), reverse=True)
    return Verdict(tuple(limits), tuple(_blocks(record, periods)))


def newest_event(record: Record) -> Event:
    """Return the event that the clock starts at: the newest, the image itself among them."""
    image = Event(EventKind.STUDY, record.image_date)
    return max((image, *record.events), key=lambda event: event.date)


def credible_birth_date(record: Record) -> dt.date | None:
    """Return the birth date, unless it cannot be one: after the image, or that of a device's placeholder."""
    birth = record.birth_date
    if birth is None or birth > record.image_date or plus_years(birth, _OLDEST_YEARS) < record.image_date:
        return None
    return birth


def _limits(record: Record, period: Period, newest: Event) -> list[Limit]:
    found = [
        Limit(
            until=plus_years(newest.date, period.years),
            reason=Reason.ADULT,
            rule_id=period.rule_id,
            citation=period.citation,
            years=period.years,
            started_by=newest,
            fallback_for=period.fallback_for,
        )
    ]
    birth = credible_birth_date(record)
    if birth is not None and record.image_date < plus_years(birth, period.minor.majority_age):
        found.append(
            Limit(
                until=plus_years(birth, period.minor.until_age),
                reason=Reason.MINOR,
                rule_id=period.rule_id,
                citation=period.citation,
                years=period.minor.until_age,
                started_by=None,
                fallback_for=period.fallback_for,
            )
        )
    return found


def _overlay_limit(overlay: Overlay, newest: Event) -> Limit:
    return Limit(
        until=plus_years(newest.date, overlay.years),
        reason=Reason.OVERLAY,
        rule_id=overlay.id,
        citation=overlay.citation,
        years=overlay.years,
        started_by=newest,
    )


def _extension_limit(extension: Extension, newest: Event) -> Limit | None:
    if extension.until is not None:
        return Limit(extension.until, Reason.EXTENSION, extension.kind, "", 0, None)
    if extension.years is not None:
        until = plus_years(newest.date, extension.years)
        return Limit(until, Reason.EXTENSION, extension.kind, "", extension.years, newest)
    return None


def _blocks(record: Record, periods: Sequence[Period]) -> list[Block]:
    stands = {
        Block.HOLD: record.hold_count > 0,
        Block.UNKNOWN_BIRTH_DATE: credible_birth_date(record) is None,
        Block.INCOMPETENT: record.is_incompetent,
        Block.UNCONFIRMED_RULE: not all(period.is_confirmed for period in periods),
        Block.PATIENT_IN_DOUBT: record.is_in_doubt,
        Block.OPEN_WISH: record.has_open_wish,
    }
    return [block for block, holds in stands.items() if holds]
