"""Addresses of studies, series and instances (PS3.18 table 10.1-1)."""

from django.http import HttpRequest

ROOT = "/dicom-web"


def root_of(request: HttpRequest) -> str:
    """Return the absolute address of the service as this client reaches it."""
    return request.build_absolute_uri(ROOT)


def study_url(root: str, study_uid: str) -> str:
    """Return the address of a study."""
    return f"{root}/studies/{study_uid}"


def series_url(root: str, study_uid: str, series_uid: str) -> str:
    """Return the address of a series."""
    return f"{root}/studies/{study_uid}/series/{series_uid}"


def instance_url(root: str, study_uid: str, series_uid: str, sop_uid: str) -> str:
    """Return the address of an instance."""
    return f"{root}/studies/{study_uid}/series/{series_uid}/instances/{sop_uid}"
