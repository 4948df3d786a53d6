"""Addresses of the viewer; part of the namespace `pacs`."""

from django.urls import path

from pacs.viewer import views

urlpatterns = [
    path("viewer/<uuid:study_id>/", views.page, name="viewer"),
    path("viewer/<uuid:study_id>/scene", views.scene_json, name="scene"),
    path("viewer/<uuid:study_id>/series/<uuid:series_id>/preview", views.preview, name="preview"),
]
