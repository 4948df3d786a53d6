"""Pages of a link: for the guest who opens it, and for the member who makes it."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import step_up
from audit import services as audit
from common.actor import Actor
from common.errors import InvalidInputError
from common.refusals import reason_of
from pacs import gate
from sharing import contexts, cookies, proofs, resolve, services
from sharing.errors import CodeRefusedError, LinkClosedError, TermsRefusedError
from sharing.forms import ChosenStudies, CodeForm, ShareForm

# --- guests -----------------------------------------------------------------------------------------------------------


@require_safe
def landing(request: HttpRequest, link_id: UUID) -> HttpResponse:
    """Show the same page for every address: mail scanners learn and use up nothing."""
    return render(request, "sharing/landing.html", {"page": contexts.Landing(link_id=link_id)})


@require_POST
def open_link(request: HttpRequest, link_id: UUID) -> HttpResponse:
    """Take the secret and have a code sent."""
    nonce = cookies.read_nonce(request) or proofs.new_secret()
    # A person without scripts pastes the whole link.
    secret = request.POST.get("secret", "").strip().rpartition("#")[2]
    try:
        services.open_link(link_id=link_id, secret=secret, nonce=nonce)
    except LinkClosedError as refusal:
        return _closed(request, refusal)
    response = redirect("sharing:code", link_id)
    cookies.write_nonce(response, nonce)
    return response


@require_POST
def resend(request: HttpRequest, link_id: UUID) -> HttpResponse:
    """Have a new code sent to the same browser."""
    try:
        services.resend_code(link_id=link_id, nonce=cookies.read_nonce(request))
    except LinkClosedError as refusal:
        return _closed(request, refusal)
    return redirect("sharing:code", link_id)


@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest, link_id: UUID) -> HttpResponse:
    """Take the code and begin a session."""
    page = contexts.code_page(link_id=link_id, nonce=cookies.read_nonce(request))
    if page is None:
        return _closed(request, LinkClosedError())
    form = CodeForm(request.POST or None)
    if form.is_valid():
        try:
            opened = services.confirm_code(
                link_id=link_id, nonce=cookies.read_nonce(request), code=form.cleaned_data["code"]
            )
        except LinkClosedError as refusal:
            return _closed(request, refusal)
        except CodeRefusedError as refusal:
            form.add_error("code", reason_of(refusal))
        else:
            return _enter(request, opened)
    return render(request, "sharing/code.html", {"page": page, "form": form}, status=422 if form.errors else 200)


def _enter(request: HttpRequest, opened: services.Opened) -> HttpResponse:
    """Add the session to those that the browser holds; an older one of the same link ends."""
    kept = [cookies.Held(session_id=opened.session_id, secret=opened.secret)]
    for held in cookies.read_sessions(request):
        guest = resolve.live(held)
        if guest is None:
            continue
        if guest.link_id == opened.link_id:
            services.end_session(session_id=held.session_id, secret=held.secret)
        else:
            kept.append(held)
    response = redirect("sharing:studies")
    cookies.write_sessions(response, kept)
    return response


@require_safe
def studies(request: HttpRequest) -> HttpResponse:
    """Show everything that the links of this browser open."""
    guests = contexts.guests_of(request.actors)  # type: ignore[attr-defined]  # set by ActorMiddleware
    if not guests:
        return _closed(request, LinkClosedError())
    page = contexts.guest_page(guests)
    for guest, link in zip(guests, page.links, strict=True):
        services.note_listing(actor=guest, study_ids=[study.id for study in link.studies])
    return render(request, "sharing/guest.html", {"page": page})


@require_POST
def end(request: HttpRequest) -> HttpResponse:
    """Leave: end the sessions and have the browser forget what it saw."""
    for held in cookies.read_sessions(request):
        services.end_session(session_id=held.session_id, secret=held.secret)
    response = render(request, "sharing/ended.html", {"page": contexts.Ended(reason="left")})
    cookies.delete_all(response)
    # Not "cookies": a member of staff who looked at his own link stays signed in.
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _closed(request: HttpRequest, refusal: LinkClosedError) -> HttpResponse:
    page = contexts.Ended(reason=refusal.reason)
    return render(request, "sharing/ended.html", {"page": page}, status=refusal.status)


# --- members ----------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def share(request: HttpRequest, study_id: UUID) -> HttpResponse:
    """Make a link; its address is shown in this answer and never again."""
    reached = gate.find_study(request, action="study.share", study_id=study_id)
    form = ShareForm(request.POST or None, initial=contexts.share_defaults(reached.actor))
    return _share(request, reached.actor, [study_id], form)


@require_POST
def share_several(request: HttpRequest) -> HttpResponse:
    """Make one link to several studies: the first time they are only chosen, the form comes with the answer."""
    chosen = ChosenStudies(request.POST)
    if not chosen.is_valid():
        raise InvalidInputError("Choose from 1 to 50 studies.")
    reached = [
        gate.find_study(request, action="study.share", study_id=study_id) for study_id in chosen.cleaned_data["study"]
    ]
    actor = reached[0].actor
    form = ShareForm(request.POST if "email" in request.POST else None, initial=contexts.share_defaults(actor))
    return _share(request, actor, [one.study.id for one in reached], form)


def _share(request: HttpRequest, actor: Actor, study_ids: list[UUID], form: ShareForm) -> HttpResponse:
    created = None
    if form.is_valid():
        step_up.require(request)
        try:
            made = services.share_studies(actor=actor, study_ids=study_ids, terms=form.terms())
        except TermsRefusedError as refusal:
            form.add_error(None, reason_of(refusal))
        else:
            created = contexts.created(actor=actor, link_id=made.link_id, url=made.url, is_mailed=made.is_mailed)
    for study_id in study_ids:
        audit.open_access(actor=actor, study_id=study_id, purpose="share")
    page = contexts.share_page(actor=actor, study_ids=study_ids, created=created)
    return render(request, "sharing/share_form.html", {"page": page, "form": form}, status=422 if form.errors else 200)


@require_POST
def revoke(request: HttpRequest, link_id: UUID) -> HttpResponse:
    """End a link before its time."""
    link = services.revoke_link(actor=gate.insider(request), link_id=link_id)
    return redirect("pacs:study", link.study_ids[0]) if link.study_ids else redirect("pacs:worklist")
