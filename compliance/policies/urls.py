"""Addresses of policies, training and sanctions."""

from django.urls import path

from compliance.policies import views

urlpatterns = [
    path("policies/", views.policies, name="policies"),
    path("policies/new/", views.add, name="policy-new"),
    path("policies/templates/", views.take_over, name="policy-templates"),
    path("policies/mine/", views.mine, name="policies-mine"),
    path("policies/<uuid:policy_id>/", views.policy, name="policy"),
    path("policies/<uuid:policy_id>/versions/", views.write, name="policy-version"),
    path("policies/<uuid:policy_id>/retire/", views.retire, name="policy-retire"),
    path("policy-versions/<uuid:version_id>/approve/", views.approve, name="policy-approve"),
    path("policy-versions/<uuid:version_id>/read/", views.acknowledge, name="policy-read"),
    path("training/", views.training, name="training"),
    path("sanctions/", views.sanctions, name="sanctions"),
]
