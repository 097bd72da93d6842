"""Addresses that bring facts in."""

from django.urls import path

from ..views import imports, list_exports

urlpatterns = [
    path("imports/", imports.imports, name="imports"),
    path("imports/export/", list_exports.imports, name="imports_export"),
    path("imports/new/", imports.import_new, name="import_new"),
    path("imports/template/<slug:kind>/", imports.import_template, name="import_template"),
    path("imports/mapping/<slug:kind>/", imports.import_mapping, name="import_mapping"),
    path("imports/<int:pk>/", imports.import_, name="import"),
    path("imports/<int:pk>/progress/", imports.import_progress, name="import_progress"),
    path("imports/<int:pk>/export/", list_exports.faults, name="import_faults"),
    path("imports/<int:pk>/apply/", imports.import_apply, name="import_apply"),
    path("imports/<int:pk>/discard/", imports.import_discard, name="import_discard"),
]
