"""Addresses of the wing, a file per topic."""

from . import definitions, follow, imports, pages

app_name = "kpis"
urlpatterns = [*definitions.urlpatterns, *pages.urlpatterns, *follow.urlpatterns, *imports.urlpatterns]
