"""Addresses of the framework packs."""

from django.urls import path

from compliance.packs import views

urlpatterns = [
    path("packs/", views.show, name="packs"),
    path("packs/choose", views.choose, name="pack-choose"),
]
