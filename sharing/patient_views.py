"""Pages of a patient: the way in, everything the practice has, passing it on; and the desk that prints the code."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit import services as audit
from common.actor import Actor
from common.errors import NotFoundError
from common.ids import parse_uuid
from common.refusals import reason_of
from pacs import gate
from sharing import cookies, patient_contexts, proofs, services
from sharing.errors import CodeRefusedError, PrintedCodeRefusedError, TermsRefusedError, VisitEndedError
from sharing.forms import CodeForm, EnterForm, ForwardForm

# --- the way in -------------------------------------------------------------------------------------------------------


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show a patient's page, or the way in."""
    actor = _patient(request)
    if actor is None:
        return render(request, "sharing/patient_enter.html", {"form": EnterForm()})
    page = patient_contexts.patient_page(actor=actor, before_id=parse_uuid(request.GET.get("cursor", "")))
    services.note_page(actor=actor, study_ids=[study.id for study in page.studies])
    return render(request, "sharing/patient.html", {"page": page})


@require_POST
def prove(request: HttpRequest) -> HttpResponse:
    """Answer the proof that one line of the page is in the log of the practice."""
    actor, event_id = _patient(request), parse_uuid(request.POST.get("event", ""))
    if actor is None or event_id is None:
        raise NotFoundError
    proof = patient_contexts.proof_of_line(actor=actor, event_id=event_id)
    audit.record(actor=actor, action="audit.proved", subject_id=event_id)
    response = HttpResponse(proof, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{event_id}.tlog-proof"'
    return response


@require_POST
def object_to_training(request: HttpRequest) -> HttpResponse:
    """Keep one's own images out of training, or take that back."""
    actor = _patient(request)
    if actor is None:
        raise VisitEndedError
    is_standing = request.POST.get("objects") == "yes"
    services.object_to_training(actor=actor, is_standing=is_standing)
    told = _("Recorded: your images are not used for training.") if is_standing else _("Taken back.")
    messages.success(request, told)
    return redirect("sharing:patient")


def _patient(request: HttpRequest) -> Actor | None:
    return patient_contexts.patient_of(request.actors)  # type: ignore[attr-defined]  # set by ActorMiddleware


@sensitive_post_parameters("code")
@sensitive_variables("form")
@require_POST
def present(request: HttpRequest) -> HttpResponse:
    """Take the printed code and have a second one sent."""
    form, nonce = EnterForm(request.POST), proofs.new_secret()
    if form.is_valid():
        try:
            access_id = services.present_code(
                code=form.cleaned_data["code"],
                email=form.cleaned_data["email"],
                nonce=nonce,
                address=request.META.get("REMOTE_ADDR", ""),
            )
        except PrintedCodeRefusedError as refusal:
            form.add_error("code", reason_of(refusal))
        else:
            response = redirect("sharing:patient-code")
            cookies.write_entering(response, access_id=access_id, nonce=nonce)
            return response
    return render(request, "sharing/patient_enter.html", {"form": form}, status=422)


@require_POST
def resend(request: HttpRequest) -> HttpResponse:
    """Have a new code sent to the same browser."""
    held = cookies.read_entering(request)
    if held is None:
        return redirect("sharing:patient")
    try:
        services.resend_mail_code(access_id=held.session_id, nonce=held.secret)
    except PrintedCodeRefusedError:
        return redirect("sharing:patient")
    return redirect("sharing:patient-code")


@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Take the mailed code and begin a session."""
    held = cookies.read_entering(request)
    page = patient_contexts.enter_code_page(access_id=held.session_id, nonce=held.secret) if held else None
    if held is None or page is None:
        return redirect("sharing:patient")
    form = CodeForm(request.POST or None)
    if form.is_valid():
        try:
            entered = services.confirm_mail_code(
                access_id=held.session_id, nonce=held.secret, code=form.cleaned_data["code"]
            )
        except (CodeRefusedError, PrintedCodeRefusedError) as refusal:
            form.add_error("code", reason_of(refusal))
        else:
            return _enter(entered)
    answer = {"page": page, "form": form}
    return render(request, "sharing/patient_code.html", answer, status=422 if form.errors else 200)


def _enter(entered: services.Entered) -> HttpResponse:
    response = redirect("sharing:patient")
    cookies.write_visit(response, cookies.Held(session_id=entered.session_id, secret=entered.secret))
    return response


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """End the session and have the browser forget what it saw."""
    held = cookies.read_visit(request)
    if held is not None:
        services.end_visit(session_id=held.session_id, secret=held.secret)
    response = render(request, "sharing/patient_left.html")
    cookies.delete_visit(response)
    # Not "cookies": a member of staff in the same browser stays signed in.
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response


# --- what a patient decides -------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def forward(request: HttpRequest) -> HttpResponse:
    """Pass images on to somebody; the link goes out by mail and is not shown here."""
    actor = _patient(request)
    if actor is None:
        return redirect("sharing:patient")
    choices = patient_contexts.study_choices(actor)
    services.note_page(actor=actor, study_ids=[UUID(study_id) for study_id, _label in choices])
    form = ForwardForm(request.POST or None, studies=choices)
    made = None
    if form.is_valid():
        try:
            made = services.forward_studies(actor=actor, study_ids=form.cleaned_data["studies"], terms=form.terms())
        except TermsRefusedError as refusal:
            form.add_error(None, reason_of(refusal))
    answer = {"form": form, "made": made}
    return render(request, "sharing/patient_forward.html", answer, status=422 if form.errors else 200)


@require_POST
def stop(request: HttpRequest, link_id: UUID) -> HttpResponse:
    """End a link that shows the patient's images."""
    actor = _patient(request)
    if actor is None:
        raise VisitEndedError
    services.stop_share(actor=actor, link_id=link_id)
    return redirect("sharing:patient")


# --- the desk ---------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def desk(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """Let the patient of a study in: the code is shown in this answer and never again."""
    reached = gate.find_study(request, action="patient.admit", study_id=study_id)
    slip = services.admit_patient(actor=reached.actor, study_id=study_id) if request.method == "POST" else None
    audit.open_access(actor=reached.actor, study_id=study_id, purpose="patient-desk")
    page = patient_contexts.desk_page(actor=reached.actor, study_id=study_id, slip=slip)
    return render(request, "sharing/patient_desk.html", {"page": page})


@require_POST
def revoke(request: HttpRequest, access_id: UUID) -> HttpResponse:
    """End a patient's access."""
    services.revoke_access(actor=gate.insider(request), access_id=access_id)
    study = parse_uuid(request.POST.get("study", ""))
    return redirect("sharing:patient-desk", study) if study else redirect("pacs:worklist")
