"""Addresses of the wing, a file per topic."""

from . import actions, jobs

app_name = "reviews"
urlpatterns = [
    *actions.urlpatterns,
    *jobs.urlpatterns,
]
