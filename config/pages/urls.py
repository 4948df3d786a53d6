"""Addresses of the access log."""

from django.urls import path

from config.pages import audit_log, log_state

app_name = "audit"
urlpatterns = [
    path("", audit_log.show, name="log"),
    path("export/", audit_log.export, name="export"),
    path("state/", log_state.show, name="state"),
    path("state/export/", log_state.export, name="export-log"),
    path("proof/", log_state.prove, name="proof"),
    path("witnesses/add/", log_state.add_witness, name="witness-add"),
    path("witnesses/remove/", log_state.remove_witness, name="witness-remove"),
    path("verify_audit.py", log_state.verifier, name="verifier"),
]
