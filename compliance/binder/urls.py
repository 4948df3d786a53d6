"""Addresses of signed documents."""

from django.urls import path

from compliance.binder import views

urlpatterns = [
    path("binder/", views.binder, name="binder"),
    path("binder/sign/", views.sign, name="sign-document"),
    path("binder/draft/", views.draft, name="draft-document"),
    path("binder/signed/<uuid:document_id>.<slug:file_format>", views.signed, name="signed-document"),
]
