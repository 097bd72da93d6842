"""Addresses of the wing, a file per topic."""

from . import contracts, definitions, follow, imports, pages

app_name = "kpis"
urlpatterns = [
    *contracts.urlpatterns,
    *definitions.urlpatterns,
    *pages.urlpatterns,
    *follow.urlpatterns,
    *imports.urlpatterns,
]
