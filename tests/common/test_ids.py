"""Identifiers."""

from common.ids import parse_uuid, uuid7


def test_identifiers_are_ordered_by_time_of_making() -> None:
    made = [uuid7() for _ in range(2000)]
    assert made == sorted(made)
    assert len(set(made)) == 2000


def test_an_identifier_says_its_version_and_variant() -> None:
    assert uuid7().version == 7
    assert uuid7().variant == "specified in RFC 4122"


def test_what_is_not_an_identifier_is_none() -> None:
    assert parse_uuid("x") is None
