"""Pages made of a few kinds of parts: what a record says, what is open about it, and what can be done with it."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from compliance.records import EntryLine

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    Words = StrOrPromise


@dataclass(frozen=True, slots=True)
class Mark:
    """A word that stands out; `tone` is one of the tones of a badge or an alert."""

    text: "Words"
    tone: str = "neutral"
    title: "Words" = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table."""

    text: "Words" = ""
    href: str = ""
    below: "Words" = ""
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A way to somewhere else."""

    text: "Words"
    href: str
    tone: str = "outline"


@dataclass(frozen=True, slots=True)
class Form:
    """A form with its button; `fold` hides it behind a summary until somebody wants it."""

    action: str
    submit: "Words"
    form: Any = None
    fold: "Words" = ""
    tone: str = "outline"
    is_multipart: bool = False
    ask: "Words" = ""

    @property
    def is_open(self) -> bool:
        """Say whether it was sent and refused: then it is shown with the reason."""
        return bool(self.form is not None and self.form.errors)


@dataclass(frozen=True, slots=True)
class Card:
    """A part of a page: words, facts, a list, a table, forms, a history; what is not given is not shown."""

    title: "Words"
    text: "Words" = ""
    facts: tuple[tuple["Words", "Words"], ...] = ()
    bullets: tuple["Words", ...] = ()
    columns: tuple["Words", ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    empty: "Words" = ""
    links: tuple[Link, ...] = ()
    forms: tuple[Form, ...] = ()
    entries: tuple[EntryLine, ...] | None = None

    @property
    def labelled_rows(self) -> list[list[tuple["Words", Cell]]]:
        """Return the rows with the column of each cell: on a phone a row folds into lines that name it."""
        return [list(zip(self.columns, row, strict=True)) for row in self.rows]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a record, or a list of records."""

    title: "Words"
    intro: "Words" = ""
    crumbs: tuple[Link, ...] = ()
    mark: Mark | None = None
    alerts: tuple[Mark, ...] = ()
    actions: tuple[Link, ...] = ()
    main: tuple[Card, ...] = ()
    side: tuple[Card, ...] = ()
    note: "Words" = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


def day(value: dt.date | None, *, none: str = "–") -> str:
    """Return a day as pages and documents write it."""
    return value.isoformat() if value else none


def instant(value: dt.datetime | None) -> str:
    """Return an instant in universal time, as documents write it."""
    return value.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M UTC") if value else "–"


def cells(*texts: Any) -> tuple[Cell, ...]:
    """Return a row of plain cells."""
    return tuple(one if isinstance(one, Cell) else Cell(str(one)) for one in texts)


def given(*cards: Card | None) -> tuple[Card, ...]:
    """Return the cards that there are."""
    return tuple(card for card in cards if card is not None)


def forms_if(allowed: bool, forms: Iterable[Form]) -> tuple[Form, ...]:
    """Return forms to whoever may use them."""
    return tuple(forms) if allowed else ()
