"""Addresses of vendors and agreements."""

from django.urls import path

from compliance.vendors import views

urlpatterns = [
    path("vendors/", views.vendors, name="vendors"),
    path("vendors/new/", views.add, name="vendor-new"),
    path("vendors/<uuid:vendor_id>/", views.vendor, name="vendor"),
    path("vendors/<uuid:vendor_id>/edit/", views.edit, name="vendor-edit"),
    path("vendors/<uuid:vendor_id>/uses/", views.uses, name="vendor-uses"),
    path("vendors/<uuid:vendor_id>/end/", views.end, name="vendor-end"),
    path("vendors/<uuid:vendor_id>/resume/", views.resume, name="vendor-resume"),
    path("vendors/<uuid:vendor_id>/sub-processors/", views.add_sub_processor, name="sub-processor-new"),
    path("vendors/<uuid:vendor_id>/exit/", views.record_exit, name="vendor-exit"),
    path("vendors/<uuid:vendor_id>/agreements/", views.draft, name="agreement-new"),
    path("sub-processors/<uuid:sub_id>/remove/", views.remove_sub_processor, name="sub-processor-remove"),
    path("exit-proofs/<uuid:proof_id>/", views.proof_file, name="exit-proof"),
    path("agreements/<uuid:agreement_id>/", views.agreement, name="agreement"),
    path("agreements/<uuid:agreement_id>/edit/", views.edit_agreement, name="agreement-edit"),
    path("agreements/<uuid:agreement_id>/clauses/", views.findings, name="agreement-clauses"),
    path("agreements/<uuid:agreement_id>/sign/", views.sign, name="agreement-sign"),
    path("agreements/<uuid:agreement_id>/copies/", views.add_copy, name="agreement-copy-new"),
    path("agreements/<uuid:agreement_id>/review/", views.review, name="agreement-review"),
    path("agreements/<uuid:agreement_id>/end/", views.end_agreement, name="agreement-end"),
    path("agreement-copies/<uuid:copy_id>/", views.copy_file, name="agreement-copy"),
]
