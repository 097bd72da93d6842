"""Addresses of the wing, a file per topic."""

from . import follow, pages

app_name = "kpis"
urlpatterns = [*pages.urlpatterns, *follow.urlpatterns]
