"""Addresses of the inventory."""

from django.urls import path

from compliance.assets import exchange_views, views

urlpatterns = [
    path("assets/", views.show_list, name="assets"),
    path("assets/new/", views.add, name="asset-new"),
    path("assets/export", exchange_views.export, name="assets-export"),
    path("assets/import/", exchange_views.import_file, name="assets-import"),
    path("assets/<uuid:asset_id>/", views.show, name="asset"),
    path("assets/<uuid:asset_id>/edit/", views.edit, name="asset-edit"),
    path("assets/<uuid:asset_id>/verify/", views.verify, name="asset-verify"),
    path("assets/<uuid:asset_id>/dispose/", views.dispose, name="asset-dispose"),
    path("assets/<uuid:asset_id>/recall/", views.recall, name="asset-recall"),
    path("assets/<uuid:asset_id>/photos/", views.add_photo, name="asset-photo-add"),
    path("assets/photos/<uuid:photo_id>", views.show_photo, name="asset-photo"),
    path("assets/photos/<uuid:photo_id>/remove/", views.remove_photo, name="asset-photo-remove"),
]
