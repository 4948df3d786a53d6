"""The privacy claims, each with what holds at this moment (AI-22, AI-23); and the choice about training."""

import datetime as dt
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import access
from accounts import selectors as accounts
from common.actor import Actor
from inference import isolation, selectors


@dataclass(frozen=True, slots=True)
class Claim:
    """One of the five points: what is said, what holds now, and where one can look it up."""

    title: str
    value: str
    detail: str
    tone: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class ChoiceLine:
    """One decision about training."""

    is_allowed: bool
    purpose: str
    who: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class ClaimsPage:
    """The page of claims."""

    claims: list[Claim]
    is_training_allowed: bool
    choices: list[ChoiceLine]
    can_decide: bool


def build(actor: Actor) -> ClaimsPage:
    """Return the claims with live values (inside the open scope)."""
    choices = selectors.list_training_choices()
    allowed = bool(choices) and choices[0].is_allowed
    names = accounts.names_of_users({choice.decided_by for choice in choices})
    return ClaimsPage(
        claims=[_residency(), _retention(), _training(allowed=allowed), _architecture(), _audit(actor)],
        is_training_allowed=allowed,
        choices=[
            ChoiceLine(one.is_allowed, one.purpose, names.get(one.decided_by, ""), one.decided_at) for one in choices
        ],
        can_decide=access.allows(actor, "training.decide"),
    )


def _residency() -> Claim:
    shown = isolation.granted()
    stored = urlsplit(settings.BITEWING_STORAGE_URL)
    where = _("on this server") if stored.scheme == "file" else _("in the bucket {name}").format(name=stored.netloc)
    walls = {
        "namespace": _("a process with an empty network namespace"),
        "filter": _("a process whose system calls for networks are refused"),
        "guard": _("a process with a guard against sockets only: this kernel grants no more"),
    }
    return Claim(
        title=_("Where images are"),
        value=_("Stored encrypted {where}; analysed on the same server.").format(where=where),
        detail=_("Networks run in {wall}, without files and without a way to another machine.").format(
            wall=walls[shown.wall]
        ),
        tone="ok" if shown.wall != "guard" else "warn",
    )


def _retention() -> Claim:
    return Claim(
        title=_("What analyses keep"),
        value=_("Nothing of an image stays in an analysis once its result is there."),
        detail=_("The result is sealed under the key of its study, and becomes unreadable when that key is destroyed."),
        tone="ok",
    )


def _training(*, allowed: bool) -> Claim:
    objections = selectors.count_objections()
    return Claim(
        title=_("Training"),
        value=_("Images of this centre may be used for training.") if allowed else _("Off: no image is used for it."),
        detail=_("Turning it on needs a written purpose, is in the access log, and is shown to patients.")
        + " "
        + ngettext(
            "{count} patient objects: these images stay out.",
            "{count} patients object: their images stay out.",
            objections,
        ).format(count=objections),
        tone="warn" if allowed else "ok",
    )


def _architecture() -> Claim:
    networks = selectors.list_usable_networks()
    own = sum(row.relation == "own" for row in networks)
    return Claim(
        title=_("Networks"),
        value=_("May run: {count}. Of these, the centre's own or come with the portal: {own}.").format(
            count=len(networks), own=own
        ),
        detail=_("Each centre has its own sealed copy; a process serves one network, and nothing it learns is kept."),
        tone="ok",
    )


def _audit(actor: Actor) -> Claim:
    counts = selectors.count_runs()
    return Claim(
        title=_("Who can check"),
        value=ngettext(
            "{count} analysis is recorded with the hashes of image, network and result.",
            "{count} analyses are recorded with the hashes of image, network and result.",
            counts.get("done", 0),
        ).format(count=counts.get("done", 0)),
        detail=_("The access log can be exported with a program that proves that nothing was changed or left out."),
        tone="ok",
        url="audit:log" if access.allows(actor, "audit.read") else "",
    )
