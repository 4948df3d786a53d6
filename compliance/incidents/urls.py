"""Addresses of incidents."""

from django.urls import path

from compliance.incidents import views

urlpatterns = [
    path("incidents/", views.incidents, name="incidents"),
    path("incidents/report/", views.report, name="incident-new"),
    path("incidents/<uuid:incident_id>/", views.incident, name="incident"),
    path("incidents/<uuid:incident_id>/edit/", views.edit, name="incident-edit"),
    path("incidents/<uuid:incident_id>/assess/", views.assess, name="incident-assess"),
    path("incidents/<uuid:incident_id>/notices/", views.notice, name="incident-notice"),
    path("incidents/<uuid:incident_id>/exposure/", views.find_exposure, name="incident-exposure"),
    path("incidents/<uuid:incident_id>/close/", views.close, name="incident-close"),
    path("incidents/<uuid:incident_id>/reopen/", views.reopen, name="incident-reopen"),
    path("incidents/<uuid:incident_id>/letters/<slug:letter_kind>/", views.letter, name="incident-letter"),
    path("exposures/<uuid:exposure_id>/", views.exposed, name="exposure"),
    path("exposures/<uuid:exposure_id>/list.csv", views.exposed_csv, name="exposure-csv"),
    path("exposures/<uuid:exposure_id>/report.pdf", views.exposed_pdf, name="exposure-pdf"),
]
