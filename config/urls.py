"""Addresses of the portal."""

from django.urls import URLPattern, URLResolver, include, path

from config import operations

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", operations.healthz),
    path("readyz", operations.readyz),
    path("", include("accounts.urls")),
]
