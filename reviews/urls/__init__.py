"""Addresses of the wing, a file per topic."""

from . import actions, checklists, findings, jobs, meetings, packs, visits

app_name = "reviews"
urlpatterns = [
    *actions.urlpatterns,
    *jobs.urlpatterns,
    *meetings.urlpatterns,
    *packs.urlpatterns,
    *visits.urlpatterns,
    *checklists.urlpatterns,
    *findings.urlpatterns,
]
