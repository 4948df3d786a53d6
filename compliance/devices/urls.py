"""Addresses of the devices seen."""

from django.urls import path

from compliance.devices import views

urlpatterns = [
    path("devices/", views.show_list, name="devices"),
    path("devices/look", views.look, name="devices-look"),
    path("devices/<uuid:sighting_id>/", views.adopt, name="device"),
    path("devices/<uuid:sighting_id>/dismiss/", views.dismiss, name="device-dismiss"),
    path("devices/<uuid:sighting_id>/reconsider/", views.reconsider, name="device-reconsider"),
]
