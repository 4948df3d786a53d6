"""The guide of a new centre: its steps tick themselves off, by what is there."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts import access
from accounts import selectors as accounts
from common.actor import Actor
from common.scope import tenant_scope
from pacs import gate
from pacs import selectors as pacs
from sharing import patients
from sharing import selectors as sharing

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class _Task:
    """One step: where it is done, who may, and how one sees that it was."""

    title: "StrOrPromise"
    why: "StrOrPromise"
    route: str
    action: str
    is_done: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Step:
    """One step as the page shows it; `url` is empty for who may not do it."""

    title: "StrOrPromise"
    why: "StrOrPromise"
    url: str
    is_done: bool


@dataclass(frozen=True, slots=True)
class FirstSteps:
    steps: tuple[Step, ...]
    done: int

    @property
    def is_complete(self) -> bool:
        """Say whether nothing is left."""
        return self.done == len(self.steps)


_TASKS = (
    _Task(
        _("Invite your colleagues"),
        _("Everybody signs in with an address and a second factor of their own; roles say what each may do."),
        "accounts:people",
        "user.manage",
        lambda: len(accounts.list_members()) > 1,
    ),
    _Task(
        _("Store the first study"),
        _("Drag a folder of the scanner into the upload page, or let a device send with a token."),
        "pacs:upload",
        "study.upload",
        pacs.has_studies,
    ),
    _Task(
        _("Have the first report signed"),
        _("A radiologist opens a study in the worklist and writes. What is signed stays as it is."),
        "pacs:worklist",
        "report.sign",
        pacs.has_signed_reports,
    ),
    _Task(
        _("Send the first link"),
        _("On the page of a study: choose the recipient, what is allowed, and for how long."),
        "pacs:worklist",
        "study.share",
        sharing.has_links,
    ),
    _Task(
        _("Let the first patient in"),
        _("On the page of a study: print a code for the patient, whose identity the desk has checked."),
        "pacs:worklist",
        "patient.admit",
        patients.has_patients,
    ),
    _Task(
        _("Give a device its token"),
        _("With it a scanner, a gateway or a practice program sends and reads by DICOMweb."),
        "accounts:tokens",
        "token.manage",
        lambda: bool(accounts.list_tokens()),
    ),
)


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show the steps, those that are done ticked."""
    actor = gate.member(request, "study.list")
    with tenant_scope(actor.tenant_id):
        steps = tuple(_step(actor, task) for task in _TASKS)
    page = FirstSteps(steps=steps, done=sum(step.is_done for step in steps))
    return render(request, "first_steps.html", {"page": page})


def _step(actor: Actor, task: _Task) -> Step:
    return Step(task.title, task.why, _url(actor, task), task.is_done())


def _url(actor: Actor, task: _Task) -> str:
    return reverse(task.route) if access.allows(actor, task.action) else ""
