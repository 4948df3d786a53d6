"""Matching of a search (PS3.18 8.3.4.1 with PS3.4 C.2.2.2): from the values of a query to conditions on columns."""

import calendar
import re
from collections.abc import Callable
from datetime import date

from django.db.models import Q

from pacs.dicom.names import PersonName
from pacs.dicom.uids import is_valid_uid
from pacs.dicomweb.errors import QueryError
from pacs.models import NameToken

Matcher = Callable[[str, str], Q]

_WILDCARDS = re.compile(r"[*?]")
_TIME = re.compile(r"\d{2}(\d{2}(\d{2}(\.\d{1,6})?)?)?\Z")
# Behind every character that a name may have: closes the range of all texts that begin alike.
_LAST = "\U0010ffff"
# Two quotation marks ask for what has no value (PS3.4 C.2.2.2.8).
EMPTY = '""'
MAX_UIDS = 500
MAX_MODALITIES = 100
MAX_LENGTH = 256


def match_uid(column: str, value: str) -> Q:
    """List of UID matching (PS3.4 C.2.2.2.2): separated by commas, or by backslashes as in DICOM itself."""
    uids = [uid.strip() for uid in re.split(r"[,\\]", value)]
    if len(uids) > MAX_UIDS or not all(map(is_valid_uid, uids)):
        raise QueryError("A UID, or a list of at most {limit}, was expected.", limit=MAX_UIDS)
    return Q(**{column: uids[0]}) if len(uids) == 1 else Q(**{f"{column}__in": uids})


def match_empty(column: str, vr: str) -> Q:
    """Empty value matching (PS3.4 C.2.2.2.8)."""
    return Q(**{f"{column}__isnull": True}) if vr in {"DA", "IS"} else Q(**{column: ""})


def match_text(column: str, value: str) -> Q:
    """Single value and wild card matching (PS3.4 C.2.2.2.1 and .4); a literal beginning narrows by the index."""
    if not _WILDCARDS.search(value):
        return Q(**{column: value})
    return _match_pattern(column, value)


def _match_pattern(column: str, pattern: str) -> Q:
    start = _WILDCARDS.split(pattern, maxsplit=1)[0]
    found = Q(**{f"{column}__gte": start, f"{column}__lt": start + _LAST}) if start else Q()
    rest = pattern[len(start) :].rstrip("*")
    return found & Q(**{f"{column}__regex": f"^{regex_of(pattern)}$"}) if rest else found


def regex_of(pattern: str, anything: str = ".*") -> str:
    """Return a pattern with wild cards as a regular expression.

    What stands between two asterisks is taken where it first fits and never tried elsewhere: else an engine that goes
    back tries all places of all asterisks, for hours.
    """
    one = anything.removesuffix("*")
    first, *others = [
        "".join({"?": one}.get(part, re.escape(part)) for part in re.split(r"(\?)", piece))
        for piece in re.split(r"\*+", pattern)
    ]
    if not others:
        return first
    *between, last = others
    return first + "".join(f"(?:(?!{piece}){one})*{piece}" for piece in between) + anything + last


def match_physician(column: str, value: str) -> Q:
    """Match a name that is kept as people read it: family, comma, given names."""
    return match_text(column, value.replace("^", ", ", 1).replace("^", " "))


def match_name(column: str, value: str) -> Q:
    """Match a Person Name without regard to case and accents (PS3.4 C.2.2.2.1).

    With a literal beginning, families that begin so; with a wild card in front, any part of the name that begins so:
    both are answered by an index, however many studies there are.
    """
    if value.startswith(("*", "?")):
        return _match_parts(column, value)
    literal, wildcard, rest = re.split(r"([*?])", value, maxsplit=1) if _WILDCARDS.search(value) else (value, "", "")
    folded = " ".join(PersonName.parse(literal).search_tokens)
    if not wildcard:
        return Q(**{column: folded})
    # "Doe^*" must not find "Doering": the separator is part of the literal.
    start = folded + " " if folded and literal.endswith(("^", " ")) and wildcard else folded
    found = Q(**{f"{column}__gte": start, f"{column}__lt": start + _LAST})
    return found & _match_parts(column, rest) if rest.strip("*?^= ") else found


def match_name_fuzzily(column: str, value: str) -> Q:
    """Match a Person Name by its parts, whatever their order, case and accents; each may be just a beginning."""
    return _match_parts(column, value)


def _match_parts(column: str, value: str) -> Q:
    study = column.removesuffix("patient_name_folded") + "id__in"
    found = Q()
    for token in PersonName.parse(_WILDCARDS.sub("^", value)).search_tokens:
        begins = NameToken.objects.filter(token__gte=token, token__lt=token + _LAST)
        found &= Q(**{study: begins.values("study_id")})
    return found


def match_number(column: str, value: str) -> Q:
    """Single value matching of an integer."""
    try:
        return Q(**{column: int(value)})
    except ValueError:
        raise QueryError("A whole number was expected.") from None


def match_modalities(column: str, value: str) -> Q:
    """Match (0008,0061) Modalities in Study: the study has a series of one of these modalities.

    The column holds them between spaces; it lies in the row of the study, so that an index by date can be followed.
    """
    modalities = dict.fromkeys(re.split(r"[,\\]", value.upper()))
    if len(modalities) > MAX_MODALITIES:
        raise QueryError("A list of at most {limit} modalities was expected.", limit=MAX_MODALITIES)
    found = Q()
    for modality in modalities:
        found |= Q(**{column: modality}) | Q(**{f"{column}__startswith": modality + " "})
        found |= Q(**{f"{column}__endswith": " " + modality}) | Q(**{f"{column}__contains": f" {modality} "})
    return found


def match_date(column: str, value: str) -> Q:
    """Single value and range matching of a date (PS3.4 C.2.2.2.5)."""
    first, is_range, last = value.partition("-")
    if not is_range:
        return Q(**{column: day_of(value, is_last=False)})
    found = Q(**{f"{column}__gte": day_of(first, is_last=False)}) if first else Q()
    return found & Q(**{f"{column}__lte": day_of(last, is_last=True)}) if last else found


def day_of(text: str, *, is_last: bool) -> date:
    """Read a date; a day behind the end of its month, as in 20260231, is the last one of it."""
    if not re.fullmatch(r"\d{8}", text, re.ASCII):
        raise QueryError("A date as YYYYMMDD, or a range of them, was expected.")
    year, month, day = int(text[:4]), int(text[4:6]), int(text[6:])
    if not (year and 1 <= month <= 12 and 1 <= day <= 31):
        raise QueryError("A date as YYYYMMDD, or a range of them, was expected.")
    last = calendar.monthrange(year, month)[1]
    if day > last and not is_last:
        raise QueryError("There is no such day.")
    return date(year, month, min(day, last))


def match_time(column: str, value: str) -> Q:
    """Single value and range matching of a time (PS3.4 C.2.2.2.5); times sort as their text does."""
    first, is_range, last = value.partition("-")
    if not all(_TIME.match(text) for text in (first, last) if text) or not (first or last):
        raise QueryError("A time as HHMMSS.FFFFFF, or a range of them, was expected.")
    if not is_range:
        return Q(**{f"{column}__startswith": value})
    found = Q(**{f"{column}__gte": first}) if first else Q()
    # The end of a range includes what it leaves out: -12 is up to 12:59:59.999999.
    return found & Q(**{f"{column}__lt": last + ":"}) & ~Q(**{column: ""}) if last else found
