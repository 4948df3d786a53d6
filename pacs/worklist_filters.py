"""What a worklist is narrowed by.

Each filter knows two ways: a *probe*, which lists the studies that match by an index of its own, and a *test*, which a
row is held against while the list is walked in its order. Few matches are fetched by their ids, many are met while
walking; so that neither a rare nor a common value costs more the more studies there are.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from common.actor import Actor
from common.clock import now
from pacs import selectors
from pacs.dicom.names import PersonName
from pacs.dicomweb import matching
from pacs.models import BEHIND, NameToken, Report, Series, Study

if TYPE_CHECKING:
    Ids = QuerySet[Any, Any]

# More matches than these are not rare.
RARE = 1000
_MAX_WORDS = 3
# Behind every character that a name or number may have: closes the range of all texts that begin alike.
_LAST = "\U0010ffff"
# The reader who asks.
MINE = "me"


@dataclass(frozen=True, slots=True)
class Search:
    """What a person looks for; empty fields do not narrow. Never logged, never part of an address."""

    name: str = ""
    number: str = ""
    since: dt.date | None = None
    until: dt.date | None = None
    modality: str = ""
    status: str = ""
    reader: str = ""

    @property
    def is_narrow(self) -> bool:
        """Say whether anything is looked for."""
        return self != Search()

    @property
    def without_patient(self) -> dict[str, str]:
        """Return as text what it looks for, less what would tell of one patient: this may be kept."""
        values = {name: getattr(self, name) for name in FIELDS if name not in _OF_PATIENT}
        return {name: str(value) for name, value in values.items() if value}


FIELDS = tuple(field.name for field in fields(Search))
_OF_PATIENT = {"name", "number"}


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition in its two ways; without a probe it is exact in every order, by an index that begins with it."""

    test: Q
    probe: "Ids | None" = None


def filters_of(search: Search, *, reader_id: UUID, sort: str) -> Iterator[Filter]:
    """Yield the filters of a search, those that are mostly rare first."""
    if search.number:
        yield _by_number(search.number)
    for word in PersonName.parse(f"^{search.name}").search_tokens[:_MAX_WORDS]:
        yield _by_word(word)
    if search.status:
        yield _STATUSES[search.status]()
    if search.reader == MINE:
        yield Filter(_aside("assigned_to", exact=reader_id), _ids(Q(assigned_to=reader_id)))
    if search.modality:
        of_kind = Series.objects.filter(modality=search.modality).order_by().values_list("study_id")
        yield Filter(matching.match_modalities("modalities", search.modality), of_kind)
    if search.since or search.until:
        yield _by_date(search, is_walked=sort.lstrip("-") == "study_date")


def _ids(condition: Q) -> "Ids":
    found: Ids = Study.objects.filter(condition, deleted_at=None).order_by().values_list("id")
    return found


def _aside(column: str, **conditions: object) -> Q:
    """Hold a column against values without letting the planner look rows up by it."""
    return Q(**{f"aside_{column}__{name}": value for name, value in conditions.items()})


# What `_aside` compares: an expression, which no index has.
ASIDE = {
    f"aside_{column}": Coalesce(column, column) for column in ("study_date", "shared_until", "assigned_to", "conflict")
}


def _by_number(number: str) -> Filter:
    """Find what begins like a patient id or an accession number; devices write them in capitals."""
    test, probes = Q(), []
    for column in ("dicom_patient_id", "accession_number"):
        for spelling in dict.fromkeys((number, number.upper(), number.lower())):
            begins = Q(**{f"{column}__gte": spelling, f"{column}__lt": spelling + _LAST})
            test |= begins
            probes.append(_ids(begins))
    return Filter(test, probes[0].union(*probes[1:], all=True))


def _by_word(word: str) -> Filter:
    tokens = NameToken.objects.filter(token__gte=word, token__lt=word + _LAST).order_by()
    # The tokens of a row are few: they are found by their study, never by their beginning.
    of_row = NameToken.objects.alias(word=Coalesce("token", "token")).filter(study_id=OuterRef("pk"))
    return Filter(Q(Exists(of_row.filter(word__gte=word, word__lt=word + _LAST))), tokens.values_list("study_id"))


def _by_date(search: Search, *, is_walked: bool) -> Filter:
    limits = {"gte": search.since, "lte": search.until}
    given = {name: day for name, day in limits.items() if day}
    plain = Q(**{f"study_date__{name}": day for name, day in given.items()})
    return Filter(plain) if is_walked else Filter(_aside("study_date", **given), _ids(plain))


def _reported(state: str) -> Filter:
    return Filter(Q(report_state=state))


def _preparing() -> Filter:
    behind = Series.objects.filter(BEHIND).order_by()
    return Filter(Q(Exists(behind.filter(study_id=OuterRef("pk")))), behind.values_list("study_id"))


def _shared() -> Filter:
    moment = now()
    return Filter(_aside("shared_until", gt=moment), _ids(Q(shared_until__gt=moment)))


_STATUSES: dict[str, Callable[[], Filter]] = {
    "preparing": _preparing,
    "unreported": lambda: _reported(""),
    "draft": lambda: _reported(Report.State.DRAFT),
    "signed": lambda: _reported(Report.State.SIGNED),
    "shared": _shared,
    "held": lambda: Filter(Q(aside_conflict__gt=""), _ids(Q(conflict__gt=""))),
}
STATUSES = tuple(_STATUSES)


def narrow(actor: Actor, search: Search, *, sort: str) -> "QuerySet[Study]":
    """Return the visible studies that match; one question, whatever is looked for, finds out how to get at them."""
    wanted = list(filters_of(search, reader_id=actor.id, sort=sort))
    rarest = _rarest([one for one in wanted if one.probe is not None])
    tests = [one.test for one in wanted if one is not rarest]
    return selectors.visible_studies(actor, among=rarest.probe if rarest else None).alias(**ASIDE).filter(*tests)


class _CappedCount(Subquery):
    """How many rows a limited query has."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS few)"
    output_field = IntegerField()


def _rarest(filters: list[Filter]) -> Filter | None:
    """Return the filter that matches least, when that is little."""
    if not filters:
        return None
    counts = {f"count_{index}": _CappedCount(one.probe[: RARE + 1]) for index, one in enumerate(filters)}  # type: ignore[index]  # all have one
    # Asked beside any one row; where there is none, nothing is found either.
    found = list(Study.objects.order_by().annotate(**counts).values_list(*counts)[:1])
    if not found:
        return None
    count, rarest = min(zip(found[0], filters, strict=True), key=lambda pair: pair[0])
    return rarest if count <= RARE else None
