"""Addresses of retention."""

from django.urls import path

from compliance.retention import views

urlpatterns = [
    path("retention/", views.overview.show, name="retention"),
    path("retention/policy/", views.rules.choose, name="retention-policy"),
    path("retention/rules/", views.rules.show_all, name="retention-rules"),
    path("retention/rules/confirm/", views.rules.confirm, name="retention-rule"),
    path("retention/rules/withdraw/", views.rules.withdraw, name="retention-withdraw"),
    path("retention/simulation/", views.overview.simulate, name="retention-simulation"),
    path("retention/due/", views.runs.due, name="retention-due"),
    path("retention/runs/<uuid:run_id>/", views.runs.show, name="deletion-run"),
    path("retention/runs/<uuid:run_id>/approve/", views.runs.approve, name="deletion-approve"),
    path("retention/runs/<uuid:run_id>/stop/", views.runs.stop, name="deletion-stop"),
    path("retention/runs/<uuid:run_id>/go-on/", views.runs.go_on, name="deletion-go-on"),
    path("retention/runs/<uuid:run_id>/give-up/", views.runs.give_up, name="deletion-give-up"),
    path("retention/items/<uuid:item_id>/spare/", views.runs.spare, name="deletion-spare"),
    path("retention/certificates/", views.certificates.show_all, name="certificates"),
    path("retention/certificates/<uuid:item_id>.pdf", views.certificates.as_pdf, name="certificate-pdf"),
    path("retention/certificates/<uuid:item_id>.json", views.certificates.as_json, name="certificate-json"),
    path("retention/holds/", views.holds.show_all, name="holds"),
    path("retention/holds/<uuid:hold_id>/release/", views.holds.release, name="hold-release"),
    path("retention/holds/<uuid:hold_id>/review/", views.holds.review, name="hold-review"),
    path("retention/wishes/", views.wishes.show_all, name="wishes"),
    path("retention/wishes/<uuid:wish_id>/answer/", views.wishes.answer, name="wish-answer"),
    path("retention/studies/<uuid:study_id>/", views.studies.show, name="retention-study"),
    path("retention/studies/<uuid:study_id>/summary", views.studies.summary, name="retention-summary"),
    path("retention/studies/<uuid:study_id>/hold/", views.studies.hold, name="retention-hold"),
    path("retention/studies/<uuid:study_id>/extend/", views.studies.extend, name="retention-extend"),
    path("retention/studies/<uuid:study_id>/patient/", views.studies.describe, name="retention-patient"),
    path("retention/extensions/<uuid:extension_id>/end/", views.studies.end_extension, name="extension-end"),
]
