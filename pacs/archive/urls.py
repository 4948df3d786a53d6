"""The address of archives."""

from django.urls import URLPattern, path

from pacs.archive import views

urlpatterns: list[URLPattern] = [path("studies/<uuid:study_id>/archive", views.archive, name="archive")]
