"""Text in the character sets of DICOM (PS3.5 6.1, PS3.3 C.12.1.1.2)."""

import re
from functools import lru_cache

from pydicom.charset import CODES_TO_ENCODINGS, default_encoding, python_encoding

_ESCAPE = b"\x1b"
_FRAGMENTS = re.compile(b"\x1b[^\x1b]*|[^\x1b]+")

# Their two-byte codes lie in the 7-bit range, so a byte that looks like a delimiter is half a character, and Python's
# codecs want to see the escape sequences (PS3.5 H and 6.1.2.5).
_JAPANESE = frozenset({"iso2022_jp", "iso2022_jp_2"})

# A report of many pages has hundreds; each costs an object, and megabytes of nothing else are no text.
_MOST_ESCAPES = 4096

# What resets the active sets to those of the first value (PS3.5 6.1.2.5.3).
TEXT_DELIMITERS = frozenset(b"\r\n\t\f\\")
NAME_DELIMITERS = TEXT_DELIMITERS | frozenset(b"^=")

# Spellings that devices write, for what table C.12-2 and C.12-3 define.
_PLAIN = re.compile(r"ISO[ _-]?IR[ _-]?(\d+)\Z")
_EXTENDED = re.compile(r"ISO[ _-]?2022[ _-]IR[ _-]?(\d+)\Z")


class Charset:
    """The character sets of a data set, ready to decode its text.

    Parameters
    ----------
    encodings
        Python's names of the sets in (0008,0005); the first is active until an escape sequence says otherwise.
    """

    __slots__ = ("encodings",)

    def __init__(self, encodings: tuple[str, ...]) -> None:
        self.encodings = encodings

    def decode(self, raw: bytes, delimiters: frozenset[int] = TEXT_DELIMITERS) -> str:
        """Decode a whole value field, before it is split: the second byte of a character may equal a delimiter.

        Parameters
        ----------
        raw
            The value field.
        delimiters
            Bytes that end the effect of an escape sequence.

        Returns
        -------
        str
            The text; bytes outside the declared sets become U+FFFD.
        """
        if not 0 < raw.count(_ESCAPE) <= _MOST_ESCAPES:
            return raw.decode("ascii") if raw.isascii() else raw.decode(self.encodings[0], "replace")
        return "".join(self._decode_fragment(fragment, delimiters) for fragment in _FRAGMENTS.findall(raw))

    def _decode_fragment(self, fragment: bytes, delimiters: frozenset[int]) -> str:
        first = self.encodings[0]
        size = 4 if fragment[:3] in {b"\x1b$(", b"\x1b$)"} else 3
        encoding = CODES_TO_ENCODINGS.get(fragment[:size])
        if encoding is None or encoding not in {*self.encodings, default_encoding}:
            return fragment.decode(first, "replace")
        if encoding in _JAPANESE:
            return fragment.decode(encoding, "replace")
        text = fragment[size:]
        reset = next((index for index, byte in enumerate(text) if byte in delimiters), len(text))
        return text[:reset].decode(encoding, "replace") + text[reset:].decode(first, "replace")


DEFAULT_CHARSET = Charset((default_encoding,))


@lru_cache(maxsize=256)
def charset_of(raw: bytes) -> Charset:
    """Read the value field of Specific Character Set (0008,0005).

    Parameters
    ----------
    raw
        The value field; unknown terms count as the default repertoire.
    """
    terms = raw.decode("latin-1").rstrip(" \0").split("\\")
    return Charset(tuple(_encoding_of(term.strip()) for term in terms))


def _encoding_of(term: str) -> str:
    term = _PLAIN.sub(r"ISO_IR \1", _EXTENDED.sub(r"ISO 2022 IR \1", term.upper()))
    return python_encoding.get(term, default_encoding)
