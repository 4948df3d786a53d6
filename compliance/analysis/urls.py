"""Addresses of the risk analysis."""

from django.urls import path

from compliance.analysis import views

urlpatterns = [
    path("analysis/", views.analyses, name="analyses"),
    path("analysis/assigned/", views.assigned, name="assigned"),
    path("analysis/<uuid:analysis_id>/", views.analysis, name="analysis"),
    path("analysis/<uuid:analysis_id>/frame/", views.frame, name="analysis-frame"),
    path("analysis/<uuid:analysis_id>/gates/", views.gates, name="analysis-gates"),
    path("analysis/<uuid:analysis_id>/issue/", views.issue, name="analysis-issue"),
    path("analysis/<uuid:analysis_id>/reopen/", views.reopen, name="analysis-reopen"),
    path("analysis/<uuid:analysis_id>/sections/<str:section_id>/", views.section, name="section"),
    path("analysis/<uuid:analysis_id>/sections/<str:section_id>/presence", views.presence, name="section-presence"),
    path("analysis/<uuid:analysis_id>/sections/<str:section_id>/close/", views.close_section, name="section-close"),
    path("analysis/<uuid:analysis_id>/sections/<str:section_id>/reopen/", views.reopen_section, name="section-reopen"),
    path("analysis/<uuid:analysis_id>/questions/<str:question_id>/", views.answer, name="answer"),
    path("analysis/<uuid:analysis_id>/questions/<str:question_id>/assign/", views.assign, name="answer-assign"),
    path("analysis/<uuid:analysis_id>/questions/<str:question_id>/files/", views.attach, name="answer-attach"),
    path("analysis/files/<uuid:file_id>/", views.evidence_file, name="answer-file"),
    path("analysis/files/<uuid:file_id>/remove/", views.remove_file, name="answer-file-remove"),
]
