"""Site visits."""

from django.urls import path

from ..views import visit_pages, visit_sending

urlpatterns = [
    path("visits/", visit_pages.visits, name="visits"),
    path("visits/worker.js", visit_sending.worker, name="visit_worker"),
    path("visits/<int:pk>/", visit_pages.visit, name="visit"),
    path("visits/<int:pk>/begin/", visit_pages.begin, name="visit_begin"),
    path("visits/<int:pk>/finish/", visit_pages.finish, name="visit_finish"),
    path("visits/<int:pk>/report/", visit_pages.report, name="visit_report"),
    path("visits/<int:pk>/report.pdf", visit_pages.report_pdf, name="visit_pdf"),
    path("visits/<int:pk>/changes/", visit_sending.changes, name="visit_changes"),
    path("visits/<int:pk>/photos/", visit_sending.photos, name="visit_photos"),
    path("visits/<int:pk>/photos/<uuid:key>/remove/", visit_sending.photo_remove, name="visit_photo_remove"),
]
