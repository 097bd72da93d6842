"""Addresses of the wing, a file per topic."""

from . import actions, jobs, packs

app_name = "reviews"
urlpatterns = [
    *actions.urlpatterns,
    *jobs.urlpatterns,
    *packs.urlpatterns,
]
