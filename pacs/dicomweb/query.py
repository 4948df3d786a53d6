"""The query of a search (PS3.18 8.3.4 and 10.6.1.2): read once, refused when it is not understood.

A key that is not matched here is refused rather than ignored: the answer would hold what was not asked for.
"""

from dataclasses import dataclass

from django.db.models import Q
from django.http import QueryDict

from pacs.dicom.dictionary import keyword_of, tag_of
from pacs.dicomweb.attributes import BY_TAG, Column, Level
from pacs.dicomweb.combining import combine
from pacs.dicomweb.errors import QueryError
from pacs.dicomweb.matching import EMPTY, MAX_LENGTH, match_empty, match_name, match_name_fuzzily

MAX_RESULTS = 5000
# How the rows of a level reach the columns of another (Django's field paths).
_PATHS = {
    (Level.STUDY, Level.STUDY): "",
    (Level.SERIES, Level.SERIES): "",
    (Level.SERIES, Level.STUDY): "study__",
    (Level.INSTANCE, Level.INSTANCE): "",
    (Level.INSTANCE, Level.SERIES): "series__",
    (Level.INSTANCE, Level.STUDY): "study__",
}
_NOT_KEYS = frozenset({"accept", "charset"})


@dataclass(frozen=True, slots=True)
class Query:
    """A search, understood.

    Attributes
    ----------
    level
        What is searched for.
    condition
        On the rows of that level.
    keys
        Tags that were matched: they are returned too (PS3.18 10.6.3.3).
    include
        Tags asked for by ``includefield``.
    is_include_all
        Whether ``includefield=all`` was asked.
    is_fuzzy
        Whether names of patients were matched by any of their parts, whatever the order (PS3.18 8.3.4.2).
    """

    level: Level
    condition: Q
    keys: frozenset[str]
    include: frozenset[str]
    is_include_all: bool
    is_fuzzy: bool
    limit: int
    offset: int

    def wants(self, tag: str) -> bool:
        """Tell whether an optional attribute is to be returned."""
        sequence = tag.partition(".")[0]
        return self.is_include_all or sequence in self.include or tag in self.keys or self._is_of_item(sequence)

    def _is_of_item(self, sequence: str) -> bool:
        return any(key.startswith(f"{sequence}.") for key in self.keys)


def path_to(level: Level, target: Level) -> str:
    """Return the prefix by which rows of `level` reach the columns of `target`."""
    return _PATHS[level, target]


def parse(parameters: QueryDict, level: Level) -> Query:
    """Read the query of a search for `level`.

    Raises
    ------
    QueryError
        When a key, value or parameter is not understood. The text names the key, never the value.
    """
    asked: dict[Column, str] = {}
    include: set[str] = set()
    controls = {"limit": "", "offset": "", "fuzzymatching": "false"}
    is_fuzzy = parameters.get("fuzzymatching", "").strip().lower() == "true"
    for name, values in parameters.lists():
        if name in controls:
            controls[name] = values[-1].strip().lower()
        elif name == "includefield":
            include.update(field.strip() for value in values for field in value.split(",") if field.strip())
        elif name not in _NOT_KEYS:
            column = _column(name, level)
            asked[column] = _value(column, values)
    if controls["fuzzymatching"] not in {"true", "false"}:
        raise QueryError("fuzzymatching is true or false.")
    return Query(
        level=level,
        condition=_condition(asked, level, is_fuzzy=is_fuzzy),
        keys=frozenset(column.tag for column in asked),
        include=frozenset(_tag(field) for field in include - {"all"}),
        is_include_all="all" in include,
        is_fuzzy=is_fuzzy,
        limit=min(_whole("limit", controls["limit"], MAX_RESULTS), MAX_RESULTS),
        offset=_whole("offset", controls["offset"], 0),
    )


def _column(name: str, level: Level) -> Column:
    tag = ".".join(_tag(step) for step in name.split("."))
    column = BY_TAG.get(tag)
    if column is None or column.matcher is None or column.level > level:
        key = keyword_of(tag) or tag
        raise QueryError("Searching for {level} by {key} is not supported.", level=level.name.lower(), key=key)
    return column


def _value(column: Column, values: list[str]) -> str:
    # Several values of one key are a list, as commas are (PS3.18 8.3.4.1).
    value = ",".join(values).strip()
    if len(value) > MAX_LENGTH and column.vr != "UI":
        raise QueryError("The value of {key} is too long.", key=column.keyword)
    if "\0" in value:
        raise QueryError("The value of {key} has a character that no text has.", key=column.keyword)
    return value


def _condition(asked: dict[Column, str], level: Level, *, is_fuzzy: bool) -> Q:
    # An empty value is universal matching (PS3.4 C.2.2.2.3), as is a single asterisk.
    wanted = {column: value for column, value in asked.items() if value.strip("*")}
    prefix = {column: path_to(level, column.level) for column in wanted}
    empty = {column for column, value in wanted.items() if value == EMPTY}
    found, done = combine({column: wanted[column] for column in wanted if column not in empty}, prefix)
    for column, value in wanted.items():
        place = prefix[column] + column.name
        if column in empty:
            found &= match_empty(place, column.vr)
        elif column not in done and column.matcher is not None:
            is_name = is_fuzzy and column.matcher is match_name
            found &= (match_name_fuzzily if is_name else column.matcher)(place, value)
    return found


def _tag(name: str) -> str:
    """Return the tag of an attribute given by keyword or by tag; of a sequence, the tag of the sequence."""
    first = name.split(".", 1)[0]
    if len(first) == 8 and all(character in "0123456789abcdefABCDEF" for character in first):
        return first.upper()
    try:
        return tag_of(first)
    except KeyError:
        raise QueryError("A parameter is neither a keyword nor a tag of the data dictionary.") from None


def _whole(name: str, text: str, default: int) -> int:
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise QueryError("{name} is a whole number.", name=name)
    return int(text)
