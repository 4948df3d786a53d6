"""The addresses of archives."""

from django.urls import URLPattern, path

from pacs.archive import several, views

urlpatterns: list[URLPattern] = [
    path("studies/<uuid:study_id>/archive", views.archive, name="archive"),
    path("studies/archive", several.several, name="archive-several"),
]
