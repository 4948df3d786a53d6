"""The page of the log as a whole: how far it has grown and is signed, its export, the proof of a line, witnesses."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts import access, step_up
from audit import export as audit_export
from audit import selectors as audit
from audit import services as audit_services
from audit.errors import WitnessRefusedError
from audit.selectors import LogState, Witness
from common.actor import Actor
from common.clock import now
from common.errors import DomainError, NotFoundError
from common.ids import parse_uuid
from common.refusals import reason_of
from common.scope import tenant_scope
from pacs import gate

MANAGE = "audit.manage"
# Twice what a worker needs: what is older was not signed.
_LATE = dt.timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class StatePage:
    """The log in numbers; `tone` and `verdict` say in one word whether all is well."""

    state: LogState | None
    tone: str
    verdict: str
    witnesses: list[Witness]
    can_export: bool
    can_manage: bool


class WitnessForm(forms.Form):
    """Who is sent the checkpoints."""

    kind = forms.ChoiceField(
        label=gettext_lazy("How"),
        choices=[
            ("mail", gettext_lazy("E-mail, once a day")),
            ("webhook", gettext_lazy("Webhook, every checkpoint")),
            ("bucket", gettext_lazy("Bucket, every checkpoint")),
        ],
    )
    target = forms.CharField(
        label=gettext_lazy("To"),
        max_length=500,
        help_text=gettext_lazy("An e-mail address, or an address that begins with https:// or s3://"),
    )


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show the state of the log."""
    actor = gate.member(request, "audit.read")
    return _page(request, actor, WitnessForm())


def _page(request: HttpRequest, actor: Actor, form: WitnessForm) -> HttpResponse:
    with tenant_scope(actor.tenant_id):
        state, witnesses = audit.log_state(), audit.list_witnesses()
    tone, verdict = _verdict(state)
    page = StatePage(
        state=state,
        tone=tone,
        verdict=verdict,
        witnesses=witnesses,
        can_export=access.allows(actor, "audit.export"),
        can_manage=access.allows(actor, MANAGE),
    )
    return render(request, "audit/state.html", {"page": page, "form": form}, status=422 if form.errors else 200)


def _verdict(state: LogState | None) -> tuple[str, str]:
    if state is None or state.checkpoint_at is None:
        return "info", _("Nothing has been signed yet. The worker signs within two minutes of the first entry.")
    if state.failure:
        return "bad", _("The last verification found that the log is not what was signed. Do not repair anything.")
    if state.checkpoint_at < now() - _LATE:
        return "warn", _("The last checkpoint is older than two hours: does the worker run?")
    if state.verified_at is None:
        return "info", _("The log is signed. It is verified for the first time within a day.")
    return "ok", _("The log is signed, and was what it should be when it was last verified.")


@require_POST
def export(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """Answer the whole log as a file that verifies itself; the export is in the log before its first byte leaves."""
    actor = gate.member(request, "audit.export")
    step_up.require(request)
    with tenant_scope(actor.tenant_id):
        audit_services.record(actor=actor, action="audit.log-exported")
    name = f"audit-log-{now():%Y-%m-%d}.zip"
    response = StreamingHttpResponse(_pieces(actor, name), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _pieces(actor: Actor, name: str) -> Iterator[bytes]:
    """Bring the log up to date, then read it."""
    while audit_services.sequence(tenant_id=actor.tenant_id):
        pass
    audit_services.sign_checkpoint(tenant_id=actor.tenant_id)
    yield from audit_export.stream(tenant_id=actor.tenant_id, name=name, may_go_on=actor.recheck)


@require_POST
def prove(request: HttpRequest) -> HttpResponse:
    """Answer the proof that one line is in the log."""
    actor = gate.member(request, "audit.read")
    event_id = parse_uuid(request.POST.get("event", ""))
    if event_id is None:
        raise NotFoundError
    return proof_of(actor, event_id)


def proof_of(actor: Actor, event_id: UUID) -> HttpResponse:
    """Return the proof of a line as a file; taking it is in the log."""
    with tenant_scope(actor.tenant_id):
        text = audit.get_proof(event_id=event_id)
        audit_services.record(actor=actor, action="audit.proved", subject_id=event_id)
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{event_id}.tlog-proof"'
    return response


@require_safe
def verifier(request: HttpRequest) -> HttpResponse:
    """Answer the program that verifies exports and proofs; it is the same for everybody."""
    response = HttpResponse(audit_export.verifier(), content_type="text/x-python; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="verify_audit.py"'
    return response


@require_POST
def add_witness(request: HttpRequest) -> HttpResponse:
    """Name a witness."""
    actor = gate.member(request, MANAGE)
    form = WitnessForm(request.POST)
    if form.is_valid():
        step_up.require(request)
        try:
            audit_services.add_witness(actor=actor, **form.cleaned_data)
        except DomainError as error:
            form.add_error("target", reason_of(error))
        else:
            messages.success(request, _("The witness gets the next checkpoint within two minutes."))
            return redirect("audit:state")
    return _page(request, actor, form)


@require_POST
def remove_witness(request: HttpRequest) -> HttpResponse:
    """Take a witness away."""
    actor = gate.member(request, MANAGE)
    step_up.require(request)
    witness_id = parse_uuid(request.POST.get("witness", ""))
    if witness_id is None:
        raise WitnessRefusedError
    audit_services.remove_witness(actor=actor, witness_id=witness_id)
    messages.success(request, _("The witness gets no more checkpoints."))
    return redirect("audit:state")
