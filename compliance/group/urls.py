"""The address of a group."""

from django.urls import path

from compliance.group import views

urlpatterns = [path("group/", views.group, name="group")]
