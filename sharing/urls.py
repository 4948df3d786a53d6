"""Addresses of links."""

from django.urls import path

from sharing import views

app_name = "sharing"
urlpatterns = [
    path("s/studies/", views.studies, name="studies"),
    path("s/end", views.end, name="end"),
    path("s/<uuid:link_id>", views.landing, name="landing"),
    path("s/<uuid:link_id>/open", views.open_link, name="open"),
    path("s/<uuid:link_id>/resend", views.resend, name="resend"),
    path("s/<uuid:link_id>/code", views.code, name="code"),
    path("studies/<uuid:study_id>/share/", views.share, name="share"),
    path("shares/<uuid:link_id>/revoke/", views.revoke, name="revoke"),
]
