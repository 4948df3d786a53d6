"""The page for pictures that come without DICOM; the pictures themselves are sent by its script."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from common.scope import tenant_scope
from pacs import gate
from pacs.contexts import people
from pacs.forms import FindPatientForm, PictureForm
from pacs.intake.sessions import UPLOAD


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """Show the form, and the patients that a search finds."""
    actor = gate.member(request, UPLOAD)
    finding = FindPatientForm(request.POST or None)
    text = finding.cleaned_data.get("find", "") if finding.is_valid() else ""
    with tenant_scope(actor.tenant_id):
        found = people.find(actor=actor, text=text, numbered=True)
    is_fragment = bool(request.htmx)  # type: ignore[attr-defined]  # set by HtmxMiddleware
    template = "pacs/_patients.html" if is_fragment else "pacs/pictures.html"
    return render(request, template, {"found": found, "form": PictureForm(), "finding": finding})
