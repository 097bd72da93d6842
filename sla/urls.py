"""Addresses of the wing."""

from django.urls import path

from sla.views import calendars, clocks, policies, postponed, starting

app_name = "sla"
urlpatterns = [
    path("calendars/", calendars.calendar_list, name="calendars"),
    path("calendars/new/", calendars.calendar_new, name="calendar-new"),
    path("calendars/<int:calendar_id>/", calendars.calendar, name="calendar"),
    path("calendars/<int:calendar_id>/edit/", calendars.calendar_edit, name="calendar-edit"),
    path("calendars/<int:calendar_id>/archive/", calendars.calendar_archive, name="calendar-archive"),
    path("policies/", policies.policy_list, name="policies"),
    path("policies/new/<slug:subject_kind>/", policies.policy_new, name="policy-new"),
    path("policies/starter/<slug:subject_kind>/", starting.starter, name="starter"),
    path("policies/<int:policy_id>/", policies.policy, name="policy"),
    path("policies/<int:policy_id>/edit/", policies.policy_edit, name="policy-edit"),
    path("policies/<int:policy_id>/archive/", policies.policy_archive, name="policy-archive"),
    path("clocks/<int:clock_id>/explain/", clocks.clock, name="clock"),
    path("postponed/", postponed.postponed, name="postponed"),
    path("postponed/<int:clock_id>/retry/", postponed.retry, name="postponed-retry"),
]
