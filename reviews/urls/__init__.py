"""Addresses of the wing, a file per topic."""

from . import actions, jobs, meetings, packs

app_name = "reviews"
urlpatterns = [
    *actions.urlpatterns,
    *jobs.urlpatterns,
    *meetings.urlpatterns,
    *packs.urlpatterns,
]
