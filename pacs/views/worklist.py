"""The worklist: the list itself, searches that are kept, and what is done to several studies at once."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts import step_up
from audit import services as audit
from common.actor import Actor
from common.errors import InvalidInputError
from common.ids import parse_uuid
from common.scope import tenant_scope
from pacs import gate, saved_searches, services
from pacs.contexts import worklist as contexts
from pacs.worklist_filters import FIELDS, Search
from pacs.worklist_forms import BulkForm, SaveSearchForm, SearchForm

# The studies that were just deleted, so that it can be undone.
UNDO = "undo_study_ids"


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """List studies; what is searched for is posted, and who saw how many is in the audit log."""
    actor = gate.member(request, "study.list")
    saved_id = parse_uuid(request.GET.get("saved", ""))
    if request.method == "POST":
        form = SearchForm(request.POST)
    else:
        form = SearchForm(_values(_criteria(actor, saved_id)) if saved_id else {})
    return show_list(request, actor, form, saved_id=saved_id)


def show_list(request: HttpRequest, actor: Actor, form: SearchForm, *, saved_id: UUID | None = None) -> HttpResponse:
    """Answer the list that a form asks for."""
    is_fragment = bool(request.htmx)  # type: ignore[attr-defined]  # set by HtmxMiddleware
    is_valid = form.is_valid()
    with tenant_scope(actor.tenant_id):
        page = contexts.build(
            actor=actor,
            search=form.search if is_valid else Search(),
            sort=form.cleaned_data.get("sort", ""),
            cursor=form.cleaned_data.get("cursor", ""),
            is_fragment=is_fragment,
            undo_ids=[] if is_fragment else request.session.pop(UNDO, []),
            saved_id=saved_id,
        )
        audit.record(
            actor=actor,
            action="worklist.viewed",
            detail={"rows": len(page.rows), "studies": [str(row.id) for row in page.rows]},
        )
    template = "pacs/worklist.html#results" if is_fragment else "pacs/worklist.html"
    return render(request, template, {"page": page, "form": form}, status=200 if is_valid else 422)


def _criteria(actor: Actor, saved_id: UUID) -> Search:
    with tenant_scope(actor.tenant_id):
        return saved_searches.get_criteria(actor=actor, search_id=saved_id)


def _values(search: Search) -> dict[str, str]:
    return {name: str(getattr(search, name) or "") for name in FIELDS}


@require_POST
def save_search(request: HttpRequest) -> HttpResponse:
    """Keep the search that the form holds, and show it."""
    actor = gate.member(request, "study.list")
    form = SaveSearchForm(request.POST)
    if not form.is_valid():
        raise InvalidInputError("Give the search a name of at most 60 characters.")
    saved_id = services.save_search(
        actor=actor,
        title=form.cleaned_data["title"],
        search=form.search,
        is_shared=form.cleaned_data["is_shared"],
    )
    return redirect(f"/studies/?saved={saved_id}")


@require_POST
def delete_search(request: HttpRequest, search_id: UUID) -> HttpResponse:
    """Remove a search."""
    services.delete_search(actor=gate.insider(request), search_id=search_id)
    return redirect("pacs:worklist")


@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """Do one thing to the chosen studies; a script sends them a few at a time and is answered in JSON."""
    form = BulkForm(request.POST)
    is_script = request.headers.get("Accept") == "application/json"
    if not form.is_valid():
        raise InvalidInputError("Choose from 1 to 200 studies, and what is done to them.")
    done = _BULK[form.cleaned_data["action"]](request, form.cleaned_data["study"], form.cleaned_data["reader"])
    return JsonResponse({"done": done}) if is_script else redirect("pacs:worklist")


def _bin(request: HttpRequest, study_ids: list[UUID], _reader: UUID | None) -> int:
    actor = gate.member(request, "study.delete")
    step_up.require(request)
    for study_id in study_ids:
        services.delete_study(actor=actor, study_id=study_id)
        request.session[UNDO] = [*request.session.get(UNDO, []), str(study_id)]
    return len(study_ids)


def _restore(request: HttpRequest, study_ids: list[UUID], _reader: UUID | None) -> int:
    actor = gate.member(request, "study.restore")
    for study_id in study_ids:
        services.restore_study(actor=actor, study_id=study_id)
    return len(study_ids)


def _assign(request: HttpRequest, study_ids: list[UUID], reader: UUID | None) -> int:
    return services.assign_studies(actor=gate.member(request, "study.assign"), study_ids=study_ids, reader_id=reader)


_BULK = {"bin": _bin, "restore": _restore, "assign": _assign}
