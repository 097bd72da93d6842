"""Addresses of the wing, a file per topic."""

from . import jobs

app_name = "reviews"
urlpatterns = [
    *jobs.urlpatterns,
]
