"""The services at the address that they have in the portal."""

from django.urls import include, path

urlpatterns = [path("dicom-web/", include("pacs.dicomweb.urls"))]
