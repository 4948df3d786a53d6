"""Addresses of the map, the flows and the parties."""

from django.urls import path

from compliance.flows import views

urlpatterns = [
    path("flows/", views.show_map, name="flows"),
    path("flows/map.svg", views.map_svg, name="map-svg"),
    path("flows/map.json", views.map_json, name="map-json"),
    path("flows/places", views.place, name="map-places"),
    path("flows/new/", views.add_flow, name="flow-new"),
    path("flows/<uuid:flow_id>/", views.edit_flow, name="flow"),
    path("flows/<uuid:flow_id>/end/", views.end_flow, name="flow-end"),
    path("flows/<uuid:flow_id>/resume/", views.resume_flow, name="flow-resume"),
    path("flows/<uuid:flow_id>/verify/", views.verify_flow, name="flow-verify"),
    path("parties/new/", views.add_party, name="party-new"),
    path("parties/<uuid:party_id>/", views.edit_party, name="party"),
]
