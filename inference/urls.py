"""Addresses of networks, and of what they found."""

from django.urls import path

from inference.views import analysis, claims, networks

app_name = "inference"
urlpatterns = [
    path("studies/tagged/", analysis.tagged, name="tagged"),
    path("studies/analyses/", analysis.states, name="states"),
    path("studies/<uuid:study_id>/analysis/", analysis.show, name="analysis"),
    path("studies/<uuid:study_id>/analysis/overlay", analysis.overlay, name="overlay"),
    path("studies/<uuid:study_id>/analysis/run/", analysis.run, name="run"),
    path("analyses/<uuid:network_run_id>/cancel/", analysis.cancel, name="cancel-run"),
    path("networks/", networks.show, name="networks"),
    path("networks/import/", networks.take_in, name="import"),
    path("networks/rules/", networks.add_rule, name="add-rule"),
    path("networks/rules/<uuid:rule_id>/", networks.switch_rule, name="switch-rule"),
    path("networks/batches/", networks.begin_batch, name="begin-batch"),
    path("networks/batches/<uuid:batch_id>/cancel/", networks.cancel_batch, name="cancel-batch"),
    path("networks/privacy/", claims.show, name="privacy"),
    path("networks/privacy/forbid/", claims.forbid, name="forbid-training"),
    path("networks/costs/", claims.costs, name="costs"),
    path("networks/<uuid:network_id>/", networks.card, name="network"),
    path("networks/<uuid:network_id>/retire/", networks.retire, name="retire"),
]
