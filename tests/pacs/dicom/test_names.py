"""Names of persons: what is shown and what is searched."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pacs.dicom.names import PersonName, fold


@pytest.mark.parametrize(
    ("text", "display"),
    [
        ("Doe^Jane", "Doe, Jane"),
        ("Doe^Jane^Ann^Dr.^Jr.", "Dr. Doe, Jane Ann, Jr."),
        ("Doe", "Doe"),
        ("^Jane", "Jane"),
        ("Doe Jane", "Doe Jane"),
        ("==Doe^Jane", "Doe, Jane"),
        ("^=王^小東", "王, 小東"),
        ("Yamada^Tarou=山田^太郎=やまだ^たろう", "Yamada, Tarou"),
        ("^^^^", ""),
        ("", ""),
    ],
)
def test_a_name_is_shown_as_people_write_it(text: str, display: str) -> None:
    assert PersonName.parse(text).display == display


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Doe^Jane", ("doe", "jane")),
        ("Müller-Łuczak^ÅSE", ("muller", "luczak", "ase")),
        ("Straße^Jörg", ("strasse", "jorg")),
        ("O'Neil^Doe=doe", ("o", "neil", "doe")),
        ("==Jørgensen^Bæk", ("jorgensen", "baek")),
        ("Yamada=山田=ﾔﾏﾀﾞ", ("yamada", "山田", "ヤマダ")),
        ("Hong=洪=홍^길동", ("hong", "洪", "홍", "길동")),
        ("ℌugo^ᴬnna", ("hugo", "anna")),
        ("", ()),
    ],
)
def test_a_name_is_found_by_its_folded_words(text: str, tokens: tuple[str, ...]) -> None:
    assert PersonName.parse(text).search_tokens == tokens


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"Alphabetic": "Doe^Jane"}, "Doe^Jane"),
        ({"Phonetic": "Doe^Jane"}, "==Doe^Jane"),
        ({"Alphabetic": 7}, ""),
        (None, ""),
        ("Doe", ""),
    ],
)
def test_a_name_is_read_from_the_json_model(value: Any, text: str) -> None:
    assert str(PersonName.from_json(value)) == text


@given(st.text(max_size=40))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(max_size=40))
def test_any_text_is_a_name(text: str) -> None:
    name = PersonName.parse(text)

    assert PersonName.parse(str(name)) == name
