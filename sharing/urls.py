"""Addresses of links, of patients, and of those who let them in."""

from django.urls import path

from sharing import passkey_views, patient_views, views

app_name = "sharing"
urlpatterns = [
    path("s/studies/", views.studies, name="studies"),
    path("s/end", views.end, name="end"),
    path("s/<uuid:link_id>", views.landing, name="landing"),
    path("s/<uuid:link_id>/open", views.open_link, name="open"),
    path("s/<uuid:link_id>/resend", views.resend, name="resend"),
    path("s/<uuid:link_id>/code", views.code, name="code"),
    path("studies/share/", views.share_several, name="share-several"),
    path("studies/<uuid:study_id>/share/", views.share, name="share"),
    path("shares/<uuid:link_id>/revoke/", views.revoke, name="revoke"),
    path("p/", patient_views.show, name="patient"),
    path("p/enter", patient_views.present, name="patient-enter"),
    path("p/code", patient_views.code, name="patient-code"),
    path("p/resend", patient_views.resend, name="patient-resend"),
    path("p/passkey/begin", passkey_views.begin, name="passkey-begin"),
    path("p/passkey/keep", passkey_views.keep, name="passkey-keep"),
    path("p/passkey/ask", passkey_views.ask, name="passkey-ask"),
    path("p/passkey/enter", passkey_views.enter, name="passkey-enter"),
    path("p/share/", patient_views.forward, name="patient-forward"),
    path("p/shares/<uuid:link_id>/stop", patient_views.stop, name="patient-stop"),
    path("p/proof", patient_views.prove, name="patient-proof"),
    path("p/training", patient_views.object_to_training, name="patient-training"),
    path("p/end", patient_views.leave, name="patient-end"),
    path("studies/<uuid:study_id>/patient-access/", patient_views.desk, name="patient-desk"),
    path("patient-access/<uuid:access_id>/revoke/", patient_views.revoke, name="patient-revoke"),
]
