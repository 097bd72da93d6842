"""Addresses of the wing, a file per topic."""

from . import pages

app_name = "kpis"
urlpatterns = [*pages.urlpatterns]
