"""What a person reads of a refusal, in the language of the page; programs, logs and devices get its English."""

from django.utils.translation import gettext

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
