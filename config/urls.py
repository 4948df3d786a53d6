"""Addresses of the portal."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from config import home, operations
from config.pages import custody, first_steps

urlpatterns: list[URLPattern | URLResolver] = [
    # First what is asked for a thousand times a second.
    path("dicom-web/", include("pacs.dicomweb.urls")),
    path("", home.home, name="home"),
    path("first-steps/", first_steps.show, name="first-steps"),
    path("keys/", custody.show, name="keys"),
    path("", include("inference.urls")),
    path("language/", set_language, name="set_language"),
    path("", include("pacs.urls")),
    path("", include("sharing.urls")),
    path("", include("accounts.urls")),
    path("compliance/", include("compliance.urls")),
    path("p/keeping/", include("compliance.retention.patient_urls")),
    path("audit/", include("config.pages.urls")),
    path("demo/", include("config.demo.urls")),
    path("healthz", operations.healthz),
    path("readyz", operations.readyz),
    path("metrics", operations.metrics),
    path(".well-known/security.txt", operations.security_txt),
]

handler400 = "config.pages.errors.bad_request"
handler403 = "config.pages.errors.forbidden"
handler404 = "config.pages.errors.not_found"
handler500 = "config.pages.errors.unforeseen"
