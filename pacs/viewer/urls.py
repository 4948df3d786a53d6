"""Addresses of the viewer; part of the namespace `pacs`."""

from django.urls import path

from pacs.viewer import views

_SERIES = "viewer/<uuid:study_id>/series/<uuid:series_id>"

urlpatterns = [
    path("viewer/<uuid:study_id>/", views.page, name="viewer"),
    path("viewer/<uuid:study_id>/scene", views.scene_json, name="scene"),
    path(f"{_SERIES}/preview", views.reduced, {"column": "preview_blob_id"}, name="preview"),
    path(f"{_SERIES}/half", views.reduced, {"column": "half_blob_id"}, name="half-volume"),
]
