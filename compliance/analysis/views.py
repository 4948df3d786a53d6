"""Pages of the risk analysis: begun, walked through, closed section by section, issued."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import access, gate, step_up
from accounts import selectors as accounts
from common.actor import Actor
from common.errors import DomainError
from common.ids import parse_uuid
from common.scope import tenant_scope
from compliance.analysis import contexts, selectors, services
from compliance.analysis.errors import (
    AnswerChangedError,
    AnswerRefusedError,
    DescriptionRefusedError,
    DraftExistsError,
    FileRefusedError,
    IssueRefusedError,
    SectionUnfinishedError,
)
from compliance.analysis.forms import AnswerForm, FileForm, FrameForm, StartForm
from compliance.assets import selectors as assets
from compliance.documents import issuing
from compliance.models import Analysis, Answer

# --- an analysis as a whole -------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def analyses(request: HttpRequest) -> HttpResponse:
    """List the analyses, and begin one."""
    actor = gate.member(request, "compliance.write" if request.method == "POST" else "compliance.read")
    with tenant_scope(actor.tenant_id):
        form = StartForm(request.POST or None, analyses=selectors.list_analyses(actor))
        if request.method == "POST" and form.is_valid():
            source = parse_uuid(form.cleaned_data["source"])
            try:
                made = services.start_analysis(actor=actor, title=form.cleaned_data["title"], from_analysis_id=source)
            except (DraftExistsError, DescriptionRefusedError) as refusal:
                form.add_error(None, str(refusal))
            else:
                return redirect("compliance:analysis-frame", made.id)
        page = contexts.analyses_page(actor)
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "compliance/analysis/list.html", {"page": page, "form": form}, status=status)


@require_safe
def analysis(request: HttpRequest, analysis_id: UUID) -> HttpResponse:
    """Show where an analysis stands."""
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        page = contexts.analysis_page(actor=actor, analysis=_get(actor, analysis_id))
    return render(request, "compliance/analysis/overview.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
def frame(request: HttpRequest, analysis_id: UUID) -> HttpResponse:
    """Write what is said about an analysis as a whole."""
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        found = _get(actor, analysis_id)
        form = FrameForm(request.POST or None, analysis=found, sites=_sites())
        if request.method == "POST":
            access.require(actor, "compliance.write")
            if form.is_valid() and _describe(request, actor, analysis_id, form):
                return redirect("compliance:analysis-frame", analysis_id)
            found.refresh_from_db()
        page = contexts.frame_page(actor=actor, analysis=found)
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "compliance/analysis/frame.html", {"page": page, "form": form}, status=status)


def _describe(request: HttpRequest, actor: Actor, analysis_id: UUID, form: FrameForm) -> bool:
    """Save frame and classes; a refusal is shown in the form."""
    given = {name.removeprefix("class-"): value for name, value in request.POST.items() if name.startswith("class-")}
    try:
        services.describe(actor=actor, analysis_id=analysis_id, frame=form.frame())
        services.declare_classes(
            actor=actor, analysis_id=analysis_id, states={name: str(value) for name, value in given.items() if value}
        )
    except DescriptionRefusedError as refusal:
        form.add_error(None, str(refusal))
        return False
    messages.success(request, _("Saved."))
    return True


def _sites() -> list[str]:
    """Name the sites of the practice and those that stand in its inventory."""
    return sorted({site.name for site in accounts.list_sites(only_active=True)} | set(assets.list_sites()))


@require_safe
def gates(request: HttpRequest, analysis_id: UUID) -> HttpResponse:
    """Show the nine elements and what each lacks."""
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        page = contexts.gates_page(actor=actor, analysis=_get(actor, analysis_id))
    return render(request, "compliance/analysis/gates.html", {"page": page})


@require_POST
def issue(request: HttpRequest, analysis_id: UUID) -> HttpResponse:
    """Issue an analysis that lacks nothing; whoever issues it confirms with a second factor."""
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        _get(actor, analysis_id)
        access.require(actor, "analysis.issue")
        step_up.require(request)
        try:
            issuing.issue_analysis(actor=actor, analysis_id=analysis_id)
        except IssueRefusedError as refusal:
            messages.error(request, refusal.title)
            page = contexts.gates_page(actor=actor, analysis=_get(actor, analysis_id))
            return render(request, "compliance/analysis/gates.html", {"page": page}, status=refusal.status)
    messages.success(request, _("The analysis is issued."))
    return redirect("compliance:analysis", analysis_id)


@require_POST
def reopen(request: HttpRequest, analysis_id: UUID) -> HttpResponse:
    """Open an issued analysis again, for a reason."""
    actor = gate.insider(request)
    services.reopen_analysis(actor=actor, analysis_id=analysis_id, reason=request.POST.get("reason", ""))
    return redirect("compliance:analysis", analysis_id)


# --- the walk ---------------------------------------------------------------------------------------------------------


@require_safe
def section(request: HttpRequest, analysis_id: UUID, section_id: str) -> HttpResponse:
    """Show a section with all of its questions."""
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        state = selectors.get_section(actor=actor, analysis_id=analysis_id, section_id=section_id)
        page = contexts.section_page(actor=actor, section=state)
    return render(request, "compliance/analysis/section.html", {"page": page})


@require_safe
def presence(request: HttpRequest, analysis_id: UUID, section_id: str) -> HttpResponse:
    """Say who else is in a section, and that this person is."""
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        state = selectors.get_section(actor=actor, analysis_id=analysis_id, section_id=section_id)
        if access.allows(actor, "compliance.write") and state.analysis.state in Analysis.EDITABLE:
            services.note_visit(actor=actor, section=state)
        page = contexts.presence(actor=actor, section=state)
    return render(request, "compliance/analysis/section.html#presence", {"here": page})


@require_POST
def close_section(request: HttpRequest, analysis_id: UUID, section_id: str) -> HttpResponse:
    """Close a section of which every question is answered."""
    actor = gate.insider(request)
    try:
        services.close_section(actor=actor, analysis_id=analysis_id, section_id=section_id)
    except SectionUnfinishedError as refusal:
        messages.error(request, f"{refusal.title} {refusal}")
    return redirect("compliance:section", analysis_id, section_id)


@require_POST
def reopen_section(request: HttpRequest, analysis_id: UUID, section_id: str) -> HttpResponse:
    """Open a closed section again, for a reason."""
    actor = gate.insider(request)
    reason = request.POST.get("reason", "")
    services.reopen_section(actor=actor, analysis_id=analysis_id, section_id=section_id, reason=reason)
    return redirect("compliance:section", analysis_id, section_id)


@require_safe
def assigned(request: HttpRequest) -> HttpResponse:
    """List what the reader was asked to answer."""
    actor = gate.member(request, "compliance.contribute")
    with tenant_scope(actor.tenant_id):
        page = contexts.assigned_page(actor)
    return render(request, "compliance/analysis/assigned.html", {"page": page})


# --- one question -----------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, analysis_id: UUID, question_id: str) -> HttpResponse:
    """Show one question, or save the answer to it; the cards of a section save themselves through it."""
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        found = selectors.get_answer(actor=actor, analysis_id=analysis_id, question_id=question_id)
        if request.method == "POST":
            return _save(request, actor, found)
        page = contexts.answer_page(actor=actor, answer=found)
    return render(request, "compliance/analysis/question.html", {"page": page})


def _save(request: HttpRequest, actor: Actor, found: Answer) -> HttpResponse:
    form = AnswerForm(request.POST)
    if not form.is_valid():
        raise AnswerRefusedError
    try:
        saved = services.save_answer(
            actor=actor,
            analysis_id=found.analysis_id,
            question_id=found.question_id,
            version=form.known_version(),
            given=form.given(),
        )
    except AnswerChangedError as refusal:
        refusal.theirs.analysis = found.analysis
        conflict = contexts.conflict_of(theirs=refusal.theirs, mine=form.given(), version=form.known_version())
        return _shown(request, contexts.answer_page(actor=actor, answer=found, conflict=conflict), refusal)
    except DomainError as refusal:
        if not _is_fragment(request):
            raise
        return _shown(request, contexts.answer_page(actor=actor, answer=found, error=str(refusal)), refusal)
    if _is_fragment(request):
        page = contexts.answer_page(actor=actor, answer=saved)
        return render(request, "compliance/analysis/_card.html#outcome", {"card": page.card, "is_saved": True})
    return redirect(_back(saved) if access.allows(actor, "compliance.read") else _page_of(saved))


def _shown(request: HttpRequest, page: contexts.AnswerPage, refusal: DomainError) -> HttpResponse:
    """Show why nothing was saved: within the card, which stays as the person left it, or as a page."""
    if _is_fragment(request):
        # 200, for a fragment of any other status is not shown.
        shown = {"card": page.card, "conflict": page.conflict, "error": page.error}
        return render(request, "compliance/analysis/_card.html#outcome", shown)
    return render(request, "compliance/analysis/question.html", {"page": page}, status=refusal.status)


def _is_fragment(request: HttpRequest) -> bool:
    return bool(request.htmx)  # type: ignore[attr-defined]  # set by HtmxMiddleware


def _back(found: Answer) -> str:
    return reverse("compliance:section", args=[found.analysis_id, found.section_id]) + f"#{found.question_id}"


def _page_of(found: Answer) -> str:
    return reverse("compliance:answer", args=[found.analysis_id, found.question_id])


@require_POST
def assign(request: HttpRequest, analysis_id: UUID, question_id: str) -> HttpResponse:
    """Ask somebody to answer a question."""
    actor = gate.insider(request)
    assignee_id = parse_uuid(request.POST.get("assignee", ""))
    found = services.assign(actor=actor, analysis_id=analysis_id, question_id=question_id, assignee_id=assignee_id)
    return redirect(_page_of(found))


@require_POST
def attach(request: HttpRequest, analysis_id: UUID, question_id: str) -> HttpResponse:
    """Keep a file beside an answer."""
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        found = selectors.get_answer(actor=actor, analysis_id=analysis_id, question_id=question_id)
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        raise FileRefusedError("Choose a file that is not empty.")
    file = form.cleaned_data["file"]
    if file.size > services.MAX_BYTES:
        raise FileRefusedError("A file of evidence has at most {size} MB.", size=services.MAX_BYTES >> 20)
    upload = services.Upload(file_name=file.name, media_type=file.content_type or "", data=file.read())
    services.attach_file(actor=actor, analysis_id=analysis_id, question_id=question_id, upload=upload)
    return redirect(_page_of(found))


@require_safe
def evidence_file(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """Send a file of evidence; a browser saves it and never opens it within the portal."""
    opened = services.open_file(actor=gate.insider(request), file_id=file_id)
    response = HttpResponse(opened.data, content_type="application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=opened.file_name)
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
def remove_file(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """Take a file off an answer."""
    row = services.remove_file(actor=gate.insider(request), file_id=file_id)
    return redirect(_page_of(row.answer))


def _get(actor: Actor, analysis_id: UUID) -> Analysis:
    return selectors.get_analysis(actor=actor, analysis_id=analysis_id)
