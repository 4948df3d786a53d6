"""Addresses of evidence."""

from django.urls import path

from compliance.evidence import views

urlpatterns = [
    path("evidence/", views.show, name="evidence"),
    path("evidence/run/", views.run, name="evidence-run"),
    path("evidence/progress/", views.progress, name="evidence-progress"),
    path("evidence/measurement/", views.show_probe, name="probe"),
    path("evidence/recorded/", views.activities, name="activities"),
]
