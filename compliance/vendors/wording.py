"""Broad wording in an agreement: phrases that let a vendor do more with images than the practice may think (AI-16)."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_AROUND: Final = 90


@dataclass(frozen=True, slots=True)
class Flag:
    """A phrase as it was found, what stands around it, and what to ask."""

    phrase: str
    around: str
    why: "StrOrPromise"
    citation: str


@dataclass(frozen=True, slots=True)
class _Rule:
    pattern: re.Pattern[str]
    why: "StrOrPromise"
    citation: str


def _rule(pattern: str, why: "StrOrPromise", citation: str = "45 CFR 164.504(e)(2)(i)") -> _Rule:
    return _Rule(re.compile(pattern, re.IGNORECASE), why, citation)


_RULES: Final = (
    _rule(
        r"de-?\s?identif\w+",
        _("To de-identify is a use that the agreement must permit: ask who may, by which method, and for what."),
        "45 CFR 164.502(d); 164.514(a)-(b)",
    ),
    _rule(
        r"(?:anonymi[sz]\w+|aggregat\w+)\s+(?:\w+\s+){0,3}(?:data|information|images|content)",
        _("Anonymous is not a method. Ask for one that the rule names, and whether images can be recognised."),
        "45 CFR 164.514(a)-(b)",
    ),
    _rule(
        r"(?:product|service|model|algorithm)s?(?:\s+\w+){0,3}\s+(?:improvement|development|enhancement)"
        r"|(?:improv|develop|enhanc)\w+\s+(?:\w+\s+){0,4}(?:products?|services?|models?|algorithms?|technology|technologies)",
        _("To improve its products is a purpose of the vendor, not of the practice."),
    ),
    _rule(
        r"(?:train(?:ing)?|tune|tuning|(?:validate|validating|validation of)|benchmark(?:ing)?)\s+(?:\w+\s+){0,4}"
        r"(?:models?|algorithms?|networks?|artificial intelligence|ai|machine learning)|machine[- ]learning",
        _("Training needs a consent of its own that names the purpose; a general clause is none."),
    ),
    _rule(
        r"\bresearch\b",
        _("Research needs an authorisation or a waiver, or data that is truly de-identified."),
        "45 CFR 164.508; 164.512(i)",
    ),
    _rule(
        r"\bperpetual\b|\birrevocabl\w+",
        _("A licence that never ends outlives the agreement and every deletion."),
        "45 CFR 164.504(e)(2)(ii)(J)",
    ),
    _rule(
        r"royalty[- ]free|\bsub-?licen[cs]\w+",
        _("A licence that can be passed on lets people use images whom nobody bound."),
        "45 CFR 164.504(e)(2)(ii)(D)",
    ),
    _rule(
        r"as long as (?:is )?(?:reasonably )?necessary",
        _("This is no period. Ask for a number of days and for deletion without a request."),
        "45 CFR 164.504(e)(2)(ii)(J)",
    ),
    _rule(r"any (?:lawful|business|commercial) purpose|for any purpose", _("Permitted uses must be named.")),
    _rule(
        r"\bsell\b|\bsale of\b|moneti[sz]\w+",
        _("Sale of protected health information needs an authorisation of each patient."),
        "45 CFR 164.502(a)(5)(ii)",
    ),
    _rule(
        r"third[- ]part(?:y|ies)\s+(?:\w+\s+){0,3}(?:partners?|affiliates?)|\baffiliates\b",
        _("Ask for the list of sub-processors and for the same terms in writing."),
        "45 CFR 164.504(e)(2)(ii)(D)",
    ),
)


def flags_in(text: str) -> tuple[Flag, ...]:
    """List broad wording in a text, in the order in which it stands there.

    What is not flagged is not thereby harmless: this reads phrases, not meaning.
    """
    found = [(match.start(), _flag(rule, match, text)) for rule in _RULES for match in rule.pattern.finditer(text)]
    return tuple(flag for _place, flag in sorted(found, key=lambda one: one[0]))


def _flag(rule: _Rule, match: re.Match[str], text: str) -> Flag:
    around = text[max(match.start() - _AROUND, 0) : match.end() + _AROUND]
    return Flag(match.group(), " ".join(around.split()), rule.why, rule.citation)
