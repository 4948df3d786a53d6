"""Addresses of the portal's pages; DICOMweb has its own (`pacs.dicomweb.urls`)."""

from django.urls import URLPattern, path

from pacs.archive.urls import urlpatterns as archive
from pacs.viewer.urls import urlpatterns as viewer
from pacs.views import bin as bin_views
from pacs.views import quarantine, reports, study, upload, worklist

app_name = "pacs"
_STUDY = "studies/<uuid:study_id>"

urlpatterns: list[URLPattern] = [
    path("studies/", worklist.show, name="worklist"),
    path("studies/upload/", upload.show, name="upload"),
    path("studies/bin/", bin_views.show, name="bin"),
    path("studies/by-uid/<str:uid>/", study.by_uid, name="study-by-uid"),
    path(f"{_STUDY}/", study.show, name="study"),
    path(f"{_STUDY}/series/", study.series, name="study-series"),
    path(f"{_STUDY}/delete/", study.delete, name="delete"),
    path(f"{_STUDY}/restore/", bin_views.restore, name="restore"),
    path(f"{_STUDY}/report/", reports.write, name="report"),
    path(f"{_STUDY}/report/pdf", reports.newest_pdf, name="report-pdf"),
    path(f"{_STUDY}/report/<uuid:report_id>/pdf", reports.version_pdf, name="report-version"),
    path("quarantine/", quarantine.show, name="quarantine"),
    *viewer,
    *archive,
]
