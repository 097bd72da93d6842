"""What KPIs are."""

from django.urls import path

from ..views import definition_exports, definitions, own_components

urlpatterns = [
    path("definitions/", definitions.definitions, name="definitions"),
    path("definitions/export/", definition_exports.definitions, name="definitions_export"),
    path("definitions/new/", definitions.definition_new, name="definition_new"),
    path("definitions/components/", own_components.components, name="components"),
    path("definitions/components/new/", own_components.component_new, name="component_new"),
    path("definitions/components/<slug:code>/change/", own_components.component_change, name="component_change"),
    path("definitions/components/<slug:code>/archive/", own_components.component_archive, name="component_archive"),
    path("definitions/components/<slug:code>/restore/", own_components.component_restore, name="component_restore"),
    path("definitions/<slug:code>/", definitions.definition, name="definition"),
    path("definitions/<slug:code>/change/", definitions.definition_change, name="definition_change"),
    path("definitions/<slug:code>/archive/", definitions.definition_archive, name="definition_archive"),
    path("definitions/<slug:code>/restore/", definitions.definition_restore, name="definition_restore"),
    path("definitions/<slug:code>/versions/new/", definitions.version_new, name="definition_version"),
    path(
        "definitions/<slug:code>/versions/<int:number>/withdraw/",
        definitions.version_withdraw,
        name="definition_withdraw",
    ),
]
