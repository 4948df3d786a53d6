"""Addresses of documents."""

from django.urls import path

from compliance.documents import views

urlpatterns = [
    path("documents/", views.show, name="documents"),
    path("documents/check/", views.check, name="documents-check"),
    path("documents/draft.pdf", views.draft_pdf, name="draft-pdf"),
    path("documents/draft.json", views.draft_json, name="draft-json"),
    path("documents/draft.csv", views.draft_csv, name="draft-csv"),
    path("documents/<uuid:snapshot_id>.pdf", views.issued_pdf, name="snapshot-pdf"),
    path("documents/<uuid:snapshot_id>.json", views.issued_json, name="snapshot-json"),
    path("documents/<uuid:snapshot_id>.csv", views.issued_csv, name="snapshot-csv"),
]
