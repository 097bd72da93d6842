"""Checklists of site visits."""

from django.urls import path

from ..views import checklists

urlpatterns = [
    path("checklists/", checklists.checklists, name="checklists"),
    path("checklists/new/", checklists.checklist_new, name="checklist_new"),
    path("checklists/<slug:code>/", checklists.checklist, name="checklist"),
    path("checklists/<slug:code>/change/", checklists.checklist_change, name="checklist_change"),
    path("checklists/<slug:code>/archive/", checklists.checklist_archive, name="checklist_archive"),
    path("checklists/<slug:code>/draft/", checklists.checklist_draft, name="checklist_draft"),
    path("checklists/<slug:code>/release/", checklists.checklist_release, name="checklist_release"),
    path("checklists/<slug:code>/arrange/", checklists.checklist_arrange, name="checklist_arrange"),
    path("checklists/<slug:code>/sections/new/", checklists.section_new, name="section_new"),
    path("checklists/<slug:code>/sections/<slug:section>/", checklists.section_change, name="section_change"),
    path("checklists/<slug:code>/sections/<slug:section>/new/", checklists.question_new, name="question_new"),
    path(
        "checklists/<slug:code>/sections/<slug:section>/<slug:question>/",
        checklists.question_change,
        name="question_change",
    ),
]
