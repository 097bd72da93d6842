"""Addresses of readiness, the matrix, certificates and trouble."""

from django.urls import URLPattern, path

from ..views import certificate, matrix, readiness, trouble, trouble_new

urlpatterns: list[URLPattern] = [
    path("readiness/", readiness.board, name="readiness"),
    path("readiness/remind/<int:item_id>/", readiness.nudge_item, name="nudge"),
    path("matrix/", matrix.matrix, name="matrix"),
    path("matrix/export/", matrix.export, name="matrix-export"),
    path("people/<int:pk>/certificate/", certificate.certificate, name="certificate"),
    path("people/<int:pk>/certificate/export/", certificate.certificate_export, name="certificate-export"),
    path("trouble/", trouble.reports, name="trouble"),
    path("trouble/new/", trouble_new.new, name="trouble-new"),
    path("trouble/<str:ref>/", trouble.report, name="trouble-report"),
    path("trouble/<str:ref>/<slug:verb>/", trouble.act, name="trouble-act"),
    path("incidents/<int:pk>/", trouble.incident, name="incident"),
    path("incidents/<int:pk>/close/", trouble.incident_close, name="incident-close"),
]
