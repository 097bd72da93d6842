"""Addresses of requests."""

from django.urls import URLPattern, path

from ..views import leavers, request_page, requests, wizard, wizard_people

urlpatterns: list[URLPattern] = [
    path("requests/", requests.request_list, name="requests"),
    path("requests/export/", requests.request_export, name="requests-export"),
    path("requests/new/", wizard.request_new, name="request-new"),
    path("requests/new/template.csv", wizard.list_template, name="request-template"),
    path("requests/drafts/<uuid:draft_id>/people/", wizard_people.draft_people, name="draft-people"),
    path("requests/drafts/<uuid:draft_id>/access/", wizard.draft_access, name="draft-access"),
    path("requests/drafts/<uuid:draft_id>/review/", wizard.draft_review, name="draft-review"),
    path("requests/drafts/<uuid:draft_id>/discard/", wizard.draft_discard, name="draft-discard"),
    path("requests/<str:ref>/", request_page.request_page, name="request"),
    path("requests/<str:ref>/take-back/", request_page.request_cancel, name="request-cancel"),
    path("requests/<str:ref>/send/", request_page.request_send, name="request-send"),
    path("people/<int:pk>/leaver/", leavers.report_leaver, name="report-leaver"),
]
