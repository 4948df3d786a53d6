"""Links from a practice-management system."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from audit import services as audit
from common.errors import InvalidInputError
from common.scope import tenant_scope
from pacs import deep_links, gate, selectors
from pacs.deep_links import COLUMNS, MAX_NUMBER, Wanted
from pacs.errors import NothingUnderNumberError
from pacs.views.worklist import show_list
from pacs.worklist_forms import SearchForm


@csrf_exempt
@sensitive_post_parameters()
@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """Answer a number with the address that it stands sealed in.

    Asks for no credential and reads nothing: a form of another site may send its user here, whose browser then follows
    with its cookies; a program takes the address from the Location header.
    """
    given = [(kind, request.POST.get(kind, "").strip()) for kind in COLUMNS]
    wanted = [Wanted(kind, number) for kind, number in given if number]
    if len(wanted) != 1 or len(wanted[0].number) > MAX_NUMBER or "\0" in wanted[0].number:
        raise InvalidInputError(f"Send either accession_number or patient_id, of at most {MAX_NUMBER} characters.")
    response = redirect(reverse("pacs:deep-link", args=[deep_links.seal(wanted[0])]))
    response.status_code = 303
    return response


@require_safe
def follow(request: HttpRequest, token: str) -> HttpResponse:
    """Lead to the study of a number, or list them when there are several."""
    actor = gate.insider(request)
    wanted = deep_links.unseal(token)
    if wanted is None:
        raise NothingUnderNumberError(
            "This link is too old, or was changed on its way. Open it anew from where it came."
        )
    actor = gate.member(request, "study.list")
    with tenant_scope(actor.tenant_id):
        found = selectors.find_by_number(actor=actor, column=COLUMNS[wanted.kind], number=wanted.number)
        audit.record(actor=actor, action="studies.searched", detail={"found": len(found), "level": "link"})
    if not found:
        raise NothingUnderNumberError
    if len(found) == 1:
        return redirect("pacs:study", found[0])
    return show_list(request, actor, SearchForm({"number": wanted.number}))
