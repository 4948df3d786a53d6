"""Addresses that exist in the demo only."""

from django.urls import path

from config.demo import views

app_name = "demo"
urlpatterns = [
    path("mail/", views.mailbox, name="mail"),
    path("sign-in/", views.sign_ins, name="sign_ins"),
    path("sign-in/<slug:key>/", views.sign_in, name="sign_in"),
]
