"""Addresses of the queue, of cases, and of their configuration."""

from django.urls import path

from escalations import views
from escalations.views.operations import KINDS

app_name = "escalations"
urlpatterns = [
    path("queue/", views.queue, name="queue"),
    path("queue/rows/", views.queue_rows, name="queue-rows"),
    path("queue/filter/", views.queue_filter, name="queue-filter"),
    path("queue/export/", views.queue_export, name="queue-export"),
    path("queue/bulk/", views.bulk, name="bulk"),
    path("cases/new/", views.case_new, name="case-new"),
    path("cases/severity/", views.severity_preview, name="severity-preview"),
    path("cases/undo/", views.undo, name="undo"),
    path("cases/next/", views.case_next, name="case-next"),
    path("hours/", views.hours, name="hours"),
    path("cases/<str:ref>/", views.case, name="case"),
    *(
        path(f"cases/<str:ref>/{kind.key}/", views.operate, {"key": kind.key}, name=f"case-{kind.key}")
        for kind in KINDS
    ),
    path("cases/<str:ref>/note/", views.note, name="case-note"),
    path("cases/<str:ref>/watch/", views.watch, name="case-watch"),
    path("cases/<str:ref>/playbook/", views.case_playbook, name="case-playbook"),
    path("cases/<str:ref>/steps/<slug:key>/", views.case_step, name="case-step"),
    path("cases/<str:ref>/access/", views.case_grants, name="case-grants"),
    path("cases/<str:ref>/clocks/<int:clock_id>/acknowledge/", views.acknowledge, name="case-acknowledge"),
    path("cases/<str:ref>/entries/<int:entry_id>/remove/", views.redact, name="case-redact"),
    path("cases/<str:ref>/facts/", views.facts, name="case-facts"),
    path("cases/<str:ref>/facts/<int:fact_id>/correct/", views.fact_correct, name="case-fact-correct"),
    path("cases/<str:ref>/facts/<int:fact_id>/withdraw/", views.fact_withdraw, name="case-fact-withdraw"),
    path("cases/<str:ref>/entries/<int:entry_id>/mail/", views.message, name="case-message"),
    path("cases/<str:ref>/entries/<int:entry_id>/mail/again/", views.message_again, name="case-message-again"),
    path("break-glass/", views.break_glass, name="break-glass"),
    path("break-glass/reviews/", views.break_glass_reviews, name="break-glass-reviews"),
    path("break-glass/reviews/<int:grant_id>/", views.break_glass_review, name="break-glass-review"),
    path("restricted/", views.restricted, name="restricted"),
    path("services/", views.services, name="services"),
    path("services/new/", views.service_new, name="service-new"),
    path("services/<slug:code>/", views.service, name="service"),
    path("services/<slug:code>/archive/", views.service_archive, name="service-archive"),
    path("services/<slug:code>/matrix/", views.matrix, name="matrix"),
    path("services/<slug:code>/mail/", views.service_mail, name="service-mail"),
    path("services/<slug:code>/mail/<int:pk>/", views.service_mailbox, name="service-mailbox"),
    path("services/<slug:code>/mail/<int:pk>/release/", views.service_mailbox_release, name="service-mailbox-release"),
    path("templates/", views.templates, name="templates"),
    path("templates/new/", views.template_new, name="template-new"),
    path("templates/<int:pk>/", views.template, name="template"),
    path("templates/<int:pk>/archive/", views.template_archive, name="template-archive"),
    path("issue-types/", views.issue_types, name="issue-types"),
    path("issue-types/new/", views.issue_type_new, name="issue-type-new"),
    path("issue-types/<int:pk>/", views.issue_type, name="issue-type"),
    path("issue-types/<int:pk>/archive/", views.issue_type_archive, name="issue-type-archive"),
    path("services/<slug:code>/people/", views.service_people, name="service-people"),
    path("services/<slug:code>/people/<int:user_id>/", views.service_person, name="service-person"),
]
