"""Pages of tasks: board and list, one task, its steps, the calendar."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import access
from common.actor import Actor
from common.errors import DomainError
from common.scope import tenant_scope
from compliance.remediation import acceptance, contexts, feeds, selectors, tasks
from compliance.remediation.forms import AcceptanceForm, FilterForm, StepForm, TaskForm
from compliance.remediation.selectors import TaskFilter
from pacs import gate


@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """Show the tasks."""
    return _board(request, gate.member(request, "compliance.read"))


def _board(request: HttpRequest, actor: Actor, *, calendar_url: str = "") -> HttpResponse:
    form = FilterForm(request.GET)
    data = form.cleaned_data if form.is_valid() else {}
    wanted = TaskFilter(owner_id=actor.id if data.get("mine") else None, is_overdue=bool(data.get("overdue")))
    with tenant_scope(actor.tenant_id):
        page = contexts.build_board(
            actor=actor,
            wanted=wanted,
            is_board=data.get("view") != "list",
            page_number=data.get("page") or 1,
            calendar_url=calendar_url,
        )
    return render(request, "compliance/remediation/board.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Open a task, about a risk, a question or a specification when the address names one."""
    actor = gate.member(request, "compliance.write")
    named = {name: request.GET.get(name, "") for name in ("risk_id", "question_id", "spec_id", "title", "priority")}
    with tenant_scope(actor.tenant_id):
        people = contexts.people_of_tenant()
    form = TaskForm(request.POST or None, people=people, initial={name: text for name, text in named.items() if text})
    if form.is_valid():
        try:
            task_id = tasks.open_task(actor=actor, draft=form.draft())
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("compliance:task", task_id)
    context = {"form": form, "task": None}
    return render(request, "compliance/remediation/form.html", context, status=422 if form.errors else 200)


@require_safe
def show(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Show one task, its history, and what can be done with it."""
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        page = contexts.build_task(actor=actor, task_id=task_id)
        _require_reader(actor, page.task)
    form = AcceptanceForm(initial={"version": page.task.version})
    return render(request, "compliance/remediation/task.html", {"page": page, "form": form})


def _require_reader(actor: Actor, task: selectors.TaskRow) -> None:
    """Let those who read compliance, and the person whose task it is, look at it."""
    if task.owner_id == actor.id:
        access.require(actor, "compliance.contribute")
    else:
        access.require(actor, "compliance.read")


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Change what a task says."""
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        task = selectors.get_task(task_id)
        access.require(actor, "compliance.write")
        people = contexts.people_of_tenant()
    form = TaskForm(request.POST or None, people=people, initial=_as_initial(task))
    if form.is_valid():
        try:
            tasks.change_task(
                actor=actor, task_id=task_id, version=form.cleaned_data["version"] or 0, draft=form.draft()
            )
        except DomainError as refusal:
            form.add_error(None, str(refusal) or str(refusal.title))
        else:
            messages.success(request, _("The change is saved."))
            return redirect("compliance:task", task_id)
    context = {"form": form, "task": task}
    return render(request, "compliance/remediation/form.html", context, status=422 if form.errors else 200)


def _as_initial(task: selectors.TaskRow) -> dict[str, Any]:
    names = ("title", "weakness", "resources", "priority", "effort", "cost", "due_date", "version")
    return {**{name: getattr(task, name) for name in names}, "owner": str(task.owner_id or "")}


@require_POST
def step(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Take one step with a task."""
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        selectors.get_task(task_id)
    form = StepForm(request.POST)
    if not form.is_valid():
        return redirect("compliance:task", task_id)
    data = form.cleaned_data
    try:
        _STEPS[data["step"]](actor, task_id, data["version"], data["text"])
    except DomainError as refusal:
        if refusal.status in {403, 404}:
            raise
        messages.error(request, str(refusal))
    return redirect("compliance:task", task_id)


_STEPS: dict[str, Callable[[Actor, UUID, int, str], None]] = {
    "start": lambda actor, task_id, version, _text: tasks.start(actor=actor, task_id=task_id, version=version),
    "block": lambda actor, task_id, version, text: tasks.block(
        actor=actor, task_id=task_id, version=version, reason=text
    ),
    "finish": lambda actor, task_id, version, text: tasks.finish(
        actor=actor, task_id=task_id, version=version, evidence=text
    ),
    "verify": lambda actor, task_id, version, text: tasks.verify(
        actor=actor, task_id=task_id, version=version, note=text
    ),
    "send_back": lambda actor, task_id, version, text: tasks.send_back(
        actor=actor, task_id=task_id, version=version, reason=text
    ),
    "reopen": lambda actor, task_id, version, text: tasks.reopen(
        actor=actor, task_id=task_id, version=version, reason=text
    ),
    "note": lambda actor, task_id, _version, text: tasks.add_note(actor=actor, task_id=task_id, note=text),
}


@require_POST
def accept(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Accept the risk behind a task for a while."""
    actor = gate.insider(request)
    with tenant_scope(actor.tenant_id):
        selectors.get_task(task_id)
        access.require(actor, "analysis.issue")
    form = AcceptanceForm(request.POST)
    if form.is_valid():
        try:
            acceptance.accept(actor=actor, task_id=task_id, version=form.cleaned_data["version"], terms=form.terms())
        except DomainError as refusal:
            form.add_error(None, str(refusal) or str(refusal.title))
        else:
            messages.success(request, _("The risk is accepted until that day."))
            return redirect("compliance:task", task_id)
    with tenant_scope(actor.tenant_id):
        page = contexts.build_task(actor=actor, task_id=task_id)
    return render(request, "compliance/remediation/task.html", {"page": page, "form": form}, status=422)


# --- calendar ---------------------------------------------------------------------------------------------------------


@require_POST
def make_calendar(request: HttpRequest) -> HttpResponse:
    """Make the address of the person's calendar; it is shown in this answer and never again."""
    actor = gate.member(request, "compliance.read")
    made = feeds.make_feed(actor=actor)
    return _board(request, actor, calendar_url=made.url)


@require_POST
def end_calendar(request: HttpRequest) -> HttpResponse:
    """End the address of the person's calendar."""
    actor = gate.member(request, "compliance.read")
    feeds.revoke_feed(actor=actor)
    messages.success(request, _("The address of the calendar no longer works."))
    return redirect("compliance:tasks")


@require_safe
def calendar(_request: HttpRequest, feed_id: UUID, feed_secret: str) -> HttpResponse:
    """Answer a calendar program, which has nothing but the address."""
    content = feeds.read_feed(feed_id=feed_id, secret=feed_secret)
    return HttpResponse(content, content_type="text/calendar; charset=utf-8")
