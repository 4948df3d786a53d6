"""Addresses of the access log."""

from django.urls import path

from config.pages import audit_log

app_name = "audit"
urlpatterns = [
    path("", audit_log.show, name="log"),
    path("export/", audit_log.export, name="export"),
]
