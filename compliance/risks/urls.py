"""Addresses of the risk register."""

from django.urls import path

from compliance.risks import views

urlpatterns = [
    path("risks/", views.current, name="current-risks"),
    path("analysis/<uuid:analysis_id>/risks/", views.register, name="risks"),
    path("analysis/<uuid:analysis_id>/risks/propose/", views.propose, name="risks-propose"),
    path("analysis/<uuid:analysis_id>/risks/none-applicable/", views.exempt, name="risks-exempt"),
    path("risks/<uuid:risk_id>/", views.risk, name="risk"),
    path("risks/<uuid:risk_id>/confirm/", views.confirm, name="risk-confirm"),
    path("risks/<uuid:risk_id>/dismiss/", views.dismiss, name="risk-dismiss"),
    path("risks/<uuid:risk_id>/rate/", views.rate, name="risk-rate"),
    path("risks/<uuid:risk_id>/response/", views.respond, name="risk-respond"),
    path("risks/<uuid:risk_id>/notes/", views.describe, name="risk-describe"),
]
