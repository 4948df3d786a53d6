"""Addresses of requests and disclosures."""

from django.urls import path

from compliance.requests import views

urlpatterns = [
    path("requests/", views.requests, name="requests"),
    path("requests/new/", views.add, name="request-new"),
    path("requests/<uuid:request_id>/", views.show, name="request"),
    path("requests/<uuid:request_id>/extend/", views.extend, name="request-extend"),
    path("requests/<uuid:request_id>/fulfil/", views.fulfil, name="request-fulfil"),
    path("requests/<uuid:request_id>/deny/", views.deny, name="request-deny"),
    path("disclosures/", views.disclosures, name="disclosures"),
    path("disclosures/of/", views.disclosures_of, name="disclosures-of"),
    path("disclosures/account.pdf", views.account, name="account"),
    path("exposures/<uuid:exposure_id>/disclosures/", views.account_for, name="exposure-disclosures"),
]
