"""How far the analyses of studies are, in a word and without reloading: waiting, running, failed; nothing once done."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from common.actor import Actor
from common.clock import now
from inference import selectors
from inference.models import Run
from pacs import selectors as pacs

# An analysis on arrival is asked for within this time; a study that is older waits for none.
_ARRIVING = dt.timedelta(minutes=2)
_BADGES = {
    "waiting": (gettext_lazy("analysis waiting"), "neutral"),
    "running": (gettext_lazy("analysis running"), "info"),
    "failed": (gettext_lazy("analysis failed"), "bad"),
}


@dataclass(frozen=True, slots=True)
class State:
    """How far the analyses of one study are, if there is anything to say."""

    study_id: UUID
    state: str
    word: str
    tone: str

    @property
    def is_open(self) -> bool:
        """Say whether it will change by itself."""
        return self.state in Run.OPEN


@dataclass(frozen=True, slots=True)
class ListedStates:
    """The states of the studies of a list, which of them to ask for again, and what is said aloud about it."""

    states: list[State]
    again: list[UUID]
    open: int
    news: str


def is_arriving(*, actor: Actor, study_id: UUID) -> bool:
    """Say whether a study came just now and was not looked at yet (inside the open scope)."""
    return bool(_arriving(_received(actor, [study_id])))


def build_state(*, study_id: UUID, runs: Iterable[Run]) -> State:
    """Return the state of one study by its runs."""
    return _state(study_id, selectors.state_of(runs))


def build_listed(*, actor: Actor, study_ids: Sequence[UUID], open_before: int) -> ListedStates:
    """Return the states of those studies that the actor may know of (inside the open scope)."""
    received = _received(actor, study_ids)
    ids = list(received)
    known = selectors.states_of(study_ids=ids)
    states = [_state(study_id, known.get(study_id, "")) for study_id in ids]
    is_open = {state.study_id for state in states if state.is_open}
    waited_for = is_open | _arriving(received)
    return ListedStates(
        states=states,
        again=[study_id for study_id in ids if study_id in waited_for],
        open=len(is_open),
        news=_news(open_before, len(is_open), has_failed="failed" in {state.state for state in states}),
    )


def _state(study_id: UUID, state: str) -> State:
    word, tone = _BADGES.get(state, ("", ""))
    return State(study_id, state, str(word), tone)


def _received(actor: Actor, study_ids: Sequence[UUID]) -> dict[UUID, dt.datetime]:
    """Return when those studies came that the actor may know of."""
    visible = pacs.visible_studies(actor, among=study_ids)  # type: ignore[arg-type]  # ids do as well
    return dict(visible.values_list("id", "received_at"))


def _arriving(received: Mapping[UUID, dt.datetime]) -> set[UUID]:
    """Return the studies that came just now and were not looked at yet."""
    since = now() - _ARRIVING
    return selectors.not_looked_at(study_ids=[study_id for study_id, moment in received.items() if moment > since])


def _news(before: int, count: int, *, has_failed: bool) -> str:
    """Say what a person who does not see the list is to hear; nothing while nothing changes."""
    if count == before:
        return ""
    if count:
        text = ngettext("{count} study is being analysed.", "{count} studies are being analysed.", count)
        return text.format(count=count)
    return _("The analyses are over; not all succeeded.") if has_failed else _("The analyses are done.")
