"""What a person reads of a refusal: the language of the page, with the figures in it."""

import pytest
from django.utils import translation

from common.errors import ConflictError, DomainError, ForbiddenError, UnavailableError
from common.refusals import detail_of, full_text_of, reason_of, title_of

WORDS = "There are {n} webhooks already."
TOO_MANY = ConflictError(WORDS, n=7)


@pytest.mark.parametrize(
    ("language", "refusal", "read"),
    [
        ("en", TOO_MANY, "There are 7 webhooks already."),
        ("de", TOO_MANY, "Es gibt bereits 7 Webhooks."),
        ("de", ForbiddenError(), "Ihre Rolle erlaubt das nicht."),
        ("de", UnavailableError("Disk {a} is gone.", a="sda"), "Disk sda is gone."),
    ],
)
def test_the_reason_is_the_detail_or_else_the_title(language: str, refusal: DomainError, read: str) -> None:
    with translation.override(language):
        assert reason_of(refusal) == read


def test_title_and_detail_stand_beside_each_other() -> None:
    with translation.override("de"):
        assert (title_of(ForbiddenError()), detail_of(ForbiddenError())) == ("Ihre Rolle erlaubt das nicht.", "")
        assert full_text_of(ForbiddenError()) == "Ihre Rolle erlaubt das nicht."
        assert full_text_of(TOO_MANY) == f"{title_of(TOO_MANY)} {detail_of(TOO_MANY)}"


def test_logs_and_programs_get_english_whatever_the_page_speaks() -> None:
    with translation.override("de"):
        assert str(ConflictError(WORDS, n=7)) == "There are 7 webhooks already."
