"""Character sets: the examples of PS3.5 annexes H, I and J, and what devices write instead."""

import pytest

from pacs.dicom.charset import NAME_DELIMITERS, charset_of

_YAMADA = b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B"
_HONG = b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7=\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6\xb5\xbf"  # H.3.2, Korean


@pytest.mark.parametrize(
    ("declared", "raw", "name"),
    [
        (b"", b"Doe^Jane", "Doe^Jane"),
        (b"ISO_IR 100", b"Buc^J\xe9r\xf4me", "Buc^Jérôme"),
        (b"ISO_IR 101", b"Wa\xb3\xeasa", "Wałęsa"),
        (b"ISO_IR 126", "Διονυσιος".encode("iso8859_7"), "Διονυσιος"),
        (b"ISO_IR 127", "قباني^لنزار".encode("iso8859_6"), "قباني^لنزار"),
        (b"ISO_IR 138", "שרון^דבורה".encode("iso8859_8"), "שרון^דבורה"),
        (b"ISO_IR 144", "Люкceмбypг".encode("iso8859_5"), "Люкceмбypг"),
        (b"ISO_IR 192", "Wang^XiaoDong=王^小東".encode(), "Wang^XiaoDong=王^小東"),
        (b"GB18030", "Wang^XiaoDong=王^小东".encode("gb18030"), "Wang^XiaoDong=王^小东"),
        (b"\\ISO 2022 IR 87", _YAMADA, "Yamada^Tarou=山田^太郎=やまだ^たろう"),
        (b"\\ISO 2022 IR 149", _HONG, "Hong^Gildong=洪^吉洞=홍^길동"),
        (b"ISO 2022 IR 13\\ISO 2022 IR 87", b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3", "ﾔﾏﾀﾞ^ﾀﾛｳ"),
        (b"\\ISO 2022 IR 58", b"Zhang=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1", "Zhang=张^小"),
        (b"ISO 2022 IR 6\\ISO 2022 IR 100\\ISO 2022 IR 144", b"\x1b-A\xe9^\x1b-L\xd0", "é^а"),
    ],
)
def test_a_name_is_decoded(declared: bytes, raw: bytes, name: str) -> None:
    assert charset_of(declared).decode(raw, NAME_DELIMITERS) == name


@pytest.mark.parametrize(
    "declared", [b"ISO_IR 100 ", b"ISO IR 100", b"ISO-IR 100", b"iso_ir 100", b"ISO 2022 IR 100\0"]
)
def test_other_spellings_of_a_character_set_are_understood(declared: bytes) -> None:
    assert charset_of(declared).decode(b"\xe9") == "é"


def test_an_unknown_character_set_is_read_as_latin() -> None:
    assert charset_of(b"EBCDIC").decode(b"\xe9") == "é"


def test_a_backslash_within_a_character_does_not_divide_values() -> None:
    assert charset_of(b"GBK").decode("誠".encode("gbk")) == "誠"
    assert "誠".encode("gbk")[1:] == b"\\"


def test_a_delimiter_ends_the_effect_of_an_escape_sequence() -> None:
    charset = charset_of(b"ISO 2022 IR 100\\ISO 2022 IR 144")

    assert charset.decode(b"\x1b-L\xd0^\xe9", NAME_DELIMITERS) == "а^é"


def test_bytes_outside_the_character_set_are_replaced() -> None:
    assert charset_of(b"ISO_IR 192").decode(b"a\xff") == "a\ufffd"


def test_an_escape_sequence_that_was_not_declared_is_kept() -> None:
    assert charset_of(b"ISO_IR 100").decode(b"\x1b$Ba") == "\x1b$Ba"


def test_megabytes_of_escape_sequences_are_no_text() -> None:
    raw = b"\x1b$B\x1b(B" * 5000

    assert charset_of(b"\\ISO 2022 IR 87").decode(raw) == raw.decode("ascii")
