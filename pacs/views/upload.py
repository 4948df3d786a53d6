"""The page from which folders are sent; the files themselves go by STOW-RS."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from pacs import gate
from pacs.contexts.upload import UploadPage


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show where to drop a folder."""
    gate.member(request, "study.upload")
    return render(request, "pacs/upload.html", {"page": UploadPage()})
