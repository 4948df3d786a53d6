"""What is said of images that arrive: to those who prepare their series, and to the access log.

A device that waits for each answer makes a transaction of each slice, four hundred for a volume. What was said of the
slice before holds for the next: the series is to be looked at when nothing more of it comes, and the log tells of a
study at once, then every few seconds and at the end how many images came meanwhile, as PS3.15 A.5.3.7 tells of
instances transferred.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from django.db import Error

from audit import services as audit
from common import logs
from common.actor import Actor
from common.errors import DomainError
from common.scope import tenant_transaction
from outbox import services as outbox
from pacs.events import SeriesReceived

log = logs.get("intake")
# The preparation of a series waits this long, so that the batches of one upload are prepared together.
SETTLE_S: Final = 1.5
# Projections and photographs: each is an image of its own, and most are alone in their series.
FILMS: Final = frozenset({"PX", "IO", "DX", "CR", "RG", "XC"})
# An announcement that waits holds for what is begun this soon after it: it is committed before anybody hears of it.
_HOLDS_S: Final = SETTLE_S / 3
# A commit that took longer announces itself once more.
_LATE_S: Final = SETTLE_S * 2 / 3
# The access log lags behind by no more than this while images arrive.
_LOG_S: Final = 5.0


def settle_s(*, modality: str, is_new: bool) -> float:
    """Return how long the preparation of a series waits: not at all for the first film of it (decision 0088).

    The films that follow wait like slices, so that however many clients send a full-mouth series, it is prepared once
    with its first films and once with all of them.
    """
    return 0.0 if is_new and modality in FILMS else SETTLE_S


@dataclass(frozen=True, slots=True)
class Stored:
    """What came of one study."""

    study_id: UUID
    patient_id: UUID
    count: int


def tell(*, actor: Actor, origin: Mapping[str, str], studies: Iterable[Stored]) -> None:
    """Tell the access log, in the caller's transaction, of images that were stored."""
    entries = [
        audit.Entry(
            "study.stored",
            study_id=study.study_id,
            patient_id=study.patient_id,
            detail={"instances": study.count, **origin},
        )
        for study in studies
    ]
    audit.record_all(actor=actor, entries=entries)


def announce(tenant_id: UUID, series: Iterable[UUID], *, delay_s: float = SETTLE_S) -> None:
    """Tell who prepares series, in the caller's transaction, that images of these were stored."""
    received = [SeriesReceived(tenant_id=tenant_id, series_id=series_id) for series_id in sorted(series)]
    if received:
        outbox.publish(*received, delay_s=delay_s)


@dataclass(slots=True)
class News:
    """What one transaction brought, and what of it was said there."""

    actor: Actor
    origin: Mapping[str, str]
    moment: float
    told: list[Stored] = field(default_factory=list)
    untold: list[Stored] = field(default_factory=list)
    announced: list[UUID] = field(default_factory=list)
    unannounced: list[UUID] = field(default_factory=list)


@dataclass(slots=True)
class Announcements:
    """What was said of the studies that one device sends; for one thread at a time."""

    # When, on this process's clock, a series was announced and the log was told of a study.
    _announced: dict[UUID, float] = field(default_factory=dict)
    _told: dict[UUID, float] = field(default_factory=dict)
    _untold: dict[UUID, tuple[Actor, Mapping[str, str], Stored]] = field(default_factory=dict)

    def write(
        self, *, actor: Actor, origin: Mapping[str, str], studies: Iterable[Stored], series: Iterable[UUID]
    ) -> News:
        """Say in the caller's transaction what must be said now; `committed` is to be called after it."""
        news = News(actor, origin, time.monotonic())
        for study in studies:
            if _holds(self._told.get(study.study_id), news.moment, _LOG_S):
                news.untold.append(study)
            else:
                news.told.append(self._with_untold(study))
        for series_id in series:
            holds = _holds(self._announced.get(series_id), news.moment, _HOLDS_S)
            (news.unannounced if holds else news.announced).append(series_id)
        if news.told:
            tell(actor=actor, origin=origin, studies=news.told)
        announce(actor.tenant_id, news.announced)
        return news

    def _with_untold(self, study: Stored) -> Stored:
        before = self._untold.get(study.study_id)
        return Stored(study.study_id, study.patient_id, study.count + before[2].count) if before else study

    def committed(self, news: News) -> None:
        """Remember what a transaction said, and say what it held back for too long."""
        self._announced |= dict.fromkeys(news.announced, news.moment)
        for study in news.told:
            self._told[study.study_id] = news.moment
            self._untold.pop(study.study_id, None)
        for study in news.untold:
            self._untold[study.study_id] = (news.actor, news.origin, self._with_untold(study))
        moment = time.monotonic()
        late = [one for one in news.unannounced if not _holds(self._announced.get(one), moment, _LATE_S)]
        if late:
            self._announce_late(news.actor.tenant_id, late)
        self._announced = {one: at for one, at in self._announced.items() if _holds(at, moment, _LATE_S)}
        self._told = {one: at for one, at in self._told.items() if _holds(at, moment, _LOG_S)}

    @staticmethod
    def _announce_late(tenant_id: UUID, series: list[UUID]) -> None:
        try:
            with tenant_transaction(tenant_id):
                announce(tenant_id, series)
        except (DomainError, Error) as error:
            # The images are stored: nobody may take them for refused. The next one of the series is announced.
            log.error("series.not_announced", error_type=type(error).__name__, count=len(series))

    def tell_rest(self) -> None:
        """Tell the log of what came since it was told last; what it does not take is told the next time."""
        for study_id, (actor, origin, study) in list(self._untold.items()):
            try:
                with tenant_transaction(actor.tenant_id):
                    tell(actor=actor, origin=origin, studies=[study])
            except (DomainError, Error) as error:
                log.error("images.not_told", error_type=type(error).__name__, count=study.count)
                return
            del self._untold[study_id]


def _holds(since: float | None, moment: float, limit_s: float) -> bool:
    return since is not None and moment - since < limit_s
