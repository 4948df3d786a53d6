"""What a person reads of a refusal, in the language of the page; programs, logs and devices get its English."""

from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import get_language, gettext

from common.errors import DomainError


def title_of(refusal: DomainError) -> str:
    """Return what kind of refusal it is."""
    return gettext(refusal.title)


def detail_of(refusal: DomainError) -> str:
    """Return what is said beyond the title, or nothing."""
    return refusal.filled(gettext(refusal.words)) if refusal.words else ""


def full_text_of(refusal: DomainError) -> str:
    """Return title and detail."""
    return f"{title_of(refusal)} {detail_of(refusal)}".strip()


def reason_of(refusal: DomainError) -> str:
    """Return the detail, which says more, or else the title."""
    return detail_of(refusal) or title_of(refusal)


def stored_text_of(code: str, text: str) -> str:
    """Return what a row tells of a refusal: its English in full, or in another language what kind it is."""
    if not code or get_language() == settings.LANGUAGE_CODE:
        return text
    return next((gettext(kind.title) for kind in _kinds_of(DomainError) if kind.code == code), text)


def _kinds_of(kind: type[DomainError]) -> Iterator[type[DomainError]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from _kinds_of(narrower)
