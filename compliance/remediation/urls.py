"""Addresses of tasks and decisions."""

from django.urls import path

from compliance.remediation import decision_views, views

urlpatterns = [
    path("tasks/", views.board, name="tasks"),
    path("tasks/new/", views.add, name="task-new"),
    path("tasks/calendar/", views.make_calendar, name="calendar-make"),
    path("tasks/calendar/end/", views.end_calendar, name="calendar-end"),
    path("tasks/<uuid:task_id>/", views.show, name="task"),
    path("tasks/<uuid:task_id>/edit/", views.edit, name="task-edit"),
    path("tasks/<uuid:task_id>/step/", views.step, name="task-step"),
    path("tasks/<uuid:task_id>/accept/", views.accept, name="task-accept"),
    path("calendar/<uuid:feed_id>/<str:feed_secret>/tasks.ics", views.calendar, name="calendar"),
    path("decisions/", decision_views.show_all, name="decisions"),
    path("decisions/decide/", decision_views.decide, name="decision"),
]
