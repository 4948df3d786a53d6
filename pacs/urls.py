"""Addresses of the portal's pages; DICOMweb has its own (`pacs.dicomweb.urls`)."""

from django.urls import URLPattern, path

from pacs import openapi
from pacs.appointments import api as appointments_api
from pacs.archive.urls import urlpatterns as archive
from pacs.changes import api as changes_api
from pacs.dicomweb.endpoint import endpoint
from pacs.viewer.urls import urlpatterns as viewer
from pacs.views import bin as bin_views
from pacs.views import (
    conflicts,
    corrections,
    deep_links,
    devices,
    emergency,
    figures,
    hooks,
    pictures,
    quarantine,
    reports,
    schedule,
    splitting,
    study,
    upload,
    uploads,
    worklist,
)

app_name = "pacs"
_STUDY = "studies/<uuid:study_id>"

urlpatterns: list[URLPattern] = [
    path("studies/", worklist.show, name="worklist"),
    path("studies/bulk/", worklist.bulk, name="bulk"),
    path("studies/searches/", worklist.save_search, name="save-search"),
    path("studies/searches/<uuid:search_id>/delete/", worklist.delete_search, name="delete-search"),
    path("studies/figures/", figures.show, name="figures"),
    # From a practice-management system: a number is posted, what comes back is an address without it.
    path("studies/open/", deep_links.make, name="make-deep-link"),
    path("studies/open/<str:token>/", deep_links.follow, name="deep-link"),
    path("studies/upload/", upload.show, name="upload"),
    path("studies/upload/pictures/", pictures.show, name="pictures"),
    path("studies/in-doubt/", conflicts.show, name="conflicts"),
    path("studies/bin/", bin_views.show, name="bin"),
    path("studies/by-uid/<str:uid>/", study.by_uid, name="study-by-uid"),
    path(f"{_STUDY}/", study.show, name="study"),
    path(f"{_STUDY}/series/", study.series, name="study-series"),
    path(f"{_STUDY}/delete/", study.delete, name="delete"),
    path(f"{_STUDY}/restore/", bin_views.restore, name="restore"),
    path(f"{_STUDY}/decide/", conflicts.decide, name="decide"),
    path(f"{_STUDY}/patient/", corrections.show, name="correct"),
    path(f"{_STUDY}/split/", splitting.show, name="split"),
    path("corrections/<uuid:correction_id>/undo/", corrections.undo, name="undo-correction"),
    path(f"{_STUDY}/report/", reports.write, name="report"),
    path(f"{_STUDY}/report/pdf", reports.newest_pdf, name="report-pdf"),
    path(f"{_STUDY}/report/<uuid:report_id>/pdf", reports.version_pdf, name="report-version"),
    # What the scripts of the upload pages send, answered in JSON.
    path("uploads/begin", uploads.begin, name="upload-begin"),
    path("uploads/pictures", uploads.take_picture, name="upload-picture"),
    path("uploads/<uuid:upload_id>/answered", uploads.answered, name="upload-answered"),
    path("uploads/<uuid:upload_id>/files", uploads.take, name="upload-files"),
    path("uploads/<uuid:upload_id>/pieces", uploads.pieces_of, name="upload-pieces"),
    path("uploads/<uuid:upload_id>/piece", uploads.keep_piece, name="upload-piece"),
    path("uploads/<uuid:upload_id>/join", uploads.join, name="upload-join"),
    path("uploads/<uuid:upload_id>/discard", uploads.discard, name="upload-discard"),
    path(f"{_STUDY}/emergency/", emergency.ask, name="emergency"),
    path("emergencies/", emergency.show, name="emergencies"),
    path("emergencies/<uuid:emergency_id>/", emergency.review, name="emergency-review"),
    path("emergencies/<uuid:emergency_id>/end/", emergency.end, name="end-emergency"),
    path("quarantine/", quarantine.show, name="quarantine"),
    path("dicom-devices/", devices.show, name="devices"),
    path("dicom-devices/titles/", devices.add_title, name="add-device-title"),
    path("dicom-devices/titles/<uuid:title_id>/", devices.title, name="device-title"),
    path("dicom-devices/<uuid:peer_id>/", devices.device, name="device"),
    path("dicom-devices/<uuid:peer_id>/switch/", devices.switch, name="switch-device"),
    path("dicom-devices/<uuid:peer_id>/dismiss/", devices.dismiss, name="dismiss-device"),
    path("webhooks/", hooks.show, name="hooks"),
    path("webhooks/<uuid:hook_id>/switch/", hooks.switch, name="switch-hook"),
    path("webhooks/<uuid:hook_id>/test/", hooks.try_out, name="test-hook"),
    path("webhooks/<uuid:hook_id>/remove/", hooks.remove, name="remove-hook"),
    path("schedule/", schedule.show, name="schedule"),
    path("schedule/import/", schedule.take_file, name="schedule-import"),
    path("schedule/waiting/<uuid:unmatched_id>/", schedule.decide, name="schedule-decide"),
    path("schedule/appointments/<uuid:appointment_id>/separate/", schedule.separate, name="schedule-separate"),
    # For practice programs: a token, JSON, CSV or FHIR.
    path("api/schema/", openapi.show, name="api-schema"),
    path("api/v1/changes", endpoint(GET=changes_api.changes), name="api-changes"),
    path(
        "api/v1/appointments", endpoint(GET=appointments_api.read, POST=appointments_api.save), name="api-appointments"
    ),
    *viewer,
    *archive,
]
