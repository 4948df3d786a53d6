"""Addresses of compliance; each part brings its own."""

from django.urls import URLPattern, URLResolver, include, path

from compliance import home

app_name = "compliance"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("", include("compliance.analysis.urls")),
    path("", include("compliance.risks.urls")),
    path("", include("compliance.packs.urls")),
    path("", include("compliance.assets.urls")),
    path("", include("compliance.devices.urls")),
    path("", include("compliance.flows.urls")),
    path("", include("compliance.evidence.urls")),
    path("", include("compliance.remediation.urls")),
    path("", include("compliance.documents.urls")),
    path("", include("compliance.retention.urls")),
    path("", include("compliance.vendors.urls")),
    path("", include("compliance.incidents.urls")),
    path("", include("compliance.policies.urls")),
    path("", include("compliance.requests.urls")),
    path("", include("compliance.binder.urls")),
    path("", include("compliance.group.urls")),
]
