"""The address at which a patient asks for deletion or longer keeping, beside the patient's page."""

from django.urls import path

from compliance.retention.views import patient

app_name = "keeping"
urlpatterns = [
    path("", patient.show, name="ask"),
    path("<uuid:wish_id>/take-back/", patient.take_back, name="take-back"),
]
