"""What the pages of requests and disclosures show."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import access
from common.actor import Actor
from common.clock import today
from compliance import records
from compliance.models import AccessRequest, Disclosure
from compliance.pages import Card, Cell, Form, Link, Mark, Page, cells, day, forms_if
from compliance.requests import selectors


def build_requests(actor: Actor) -> Page:
    """Return the requests (inside the open scope)."""
    rows = selectors.list_requests()
    return Page(
        title=_("Patients' requests"),
        intro=_("Patients receive their images and reports within thirty days (45 CFR 164.524(b)(2))."),
        actions=(
            Link(_("Account of disclosures"), reverse("compliance:disclosures"), "ghost"),
            Link(_("Write a request down"), reverse("compliance:request-new"), "primary"),
        ),
        main=(
            Card(
                _("Requests"),
                columns=(_("Request"), _("Came in"), _("At the latest"), _("State")),
                rows=tuple(_row(row) for row in rows),
                empty=_("No request is written down."),
            ),
        ),
    )


def _row(row: AccessRequest) -> tuple[Cell, ...]:
    name = f"A-{row.number} {row.patient_name}"
    return (
        Cell(name, reverse("compliance:request", args=[row.id]), below=row.requester),
        Cell(day(row.received_date)),
        Cell(day(selectors.due_date(row)), mark=left_of(row)),
        Cell(row.get_state_display(), below=_("extended") if row.is_extended else ""),
    )


def left_of(row: AccessRequest) -> Mark | None:
    """Return how many days are left; nothing once it is answered in time."""
    due = selectors.due_date(row)
    if row.state != AccessRequest.State.OPEN:
        return Mark(_("late"), "bad") if row.answered_date and row.answered_date > due else None
    left = (due - today()).days
    if left < 0:
        return Mark(_("{days} days late").format(days=-left), "bad")
    return Mark(_("{days} days left").format(days=left), "bad" if left <= 7 else "warn")


def build_request(*, actor: Actor, request_id: UUID, forms: dict[str, Any]) -> Page:
    """Return one request (inside the open scope)."""
    row = selectors.get_request(request_id)
    is_open = row.state == AccessRequest.State.OPEN
    can_write = access.allows(actor, "compliance.write") and is_open
    answers = [
        Form(
            reverse("compliance:request-fulfil", args=[row.id]),
            _("It is fulfilled"),
            forms["fulfil"],
            fold=_("Given"),
            tone="primary",
        ),
        Form(reverse("compliance:request-deny", args=[row.id]), _("It is denied"), forms["deny"], fold=_("Denied")),
    ]
    extend = Form(
        reverse("compliance:request-extend", args=[row.id]),
        _("Extend it"),
        forms["extend"],
        fold=_("It takes longer: thirty days more, once"),
    )
    return Page(
        title=f"A-{row.number} {row.patient_name}",
        crumbs=(Link(_("Requests"), reverse("compliance:requests")),),
        mark=left_of(row) or Mark(row.get_state_display(), "ok"),
        main=(
            Card(
                _("Request"),
                facts=(
                    (_("Who asks"), row.requester),
                    (_("What is asked for"), row.wanted),
                    (_("Came in"), day(row.received_date)),
                    (_("At the latest"), day(selectors.due_date(row))),
                    (_("Extended because"), row.extension_reason or "–"),
                    (_("Answered"), day(row.answered_date)),
                    (_("Answer"), row.answer or "–"),
                    (_("Identity"), row.identity_check or "–"),
                    (_("Fee"), "–" if row.fee is None else str(row.fee)),
                ),
            ),
            *((Card(_("Answer it"), forms=forms_if(can_write, answers)),) if can_write else ()),
            *((Card(_("More time"), forms=(extend,)),) if can_write and not row.is_extended else ()),
        ),
        side=(Card(_("History"), entries=records.lines_of("request", row.id)),),
    )


def build_disclosures(
    *, actor: Actor, forms: dict[str, Any], of: str = "", found: Sequence[Disclosure] | None = None
) -> Page:
    """Return the account of disclosures: the newest, or those of one patient (inside the open scope)."""
    rows = selectors.list_disclosures() if found is None else found
    record = Form(reverse("compliance:disclosures"), _("Record for good"), forms["record"], fold=_("Record one"))
    search = Form(reverse("compliance:disclosures-of"), _("Show the account"), forms["patient"])
    paper = Form(reverse("compliance:account"), _("Account as PDF"), forms["paper"]) if of else None
    return Page(
        title=_("Account of disclosures"),
        intro=_("What was disclosed other than for treatment, payment, operations or with authorisation (164.528)."),
        crumbs=(Link(_("Requests"), reverse("compliance:requests")),),
        main=(
            Card(
                _("Of {name}, six years").format(name=of) if of else _("Newest"),
                columns=(_("Patient"), _("On"), _("To whom"), _("What and why")),
                rows=tuple(
                    cells(
                        row.patient_name,
                        day(row.disclosed_date),
                        Cell(row.recipient, below=row.recipient_address),
                        Cell(row.description, below=row.purpose),
                    )
                    for row in rows
                ),
                empty=_("Nothing is on record."),
                forms=(paper,) if paper else (),
            ),
        ),
        side=(
            Card(_("One patient"), forms=(search,)),
            *(
                (Card(_("Record"), text=_("A record stays as it is."), forms=(record,)),)
                if access.allows(actor, "compliance.write")
                else ()
            ),
        ),
    )
