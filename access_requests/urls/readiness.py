"""Addresses of readiness, the matrix, certificates and trouble."""

from django.urls import URLPattern, path

from ..views import readiness, trouble

urlpatterns: list[URLPattern] = [
    path("readiness/", readiness.board, name="readiness"),
    path("readiness/remind/<int:item_id>/", readiness.nudge_item, name="nudge"),
    path("trouble/", trouble.reports, name="trouble"),
    path("trouble/new/", trouble.new, name="trouble-new"),
    path("trouble/<str:ref>/", trouble.report, name="trouble-report"),
    path("trouble/<str:ref>/<slug:verb>/", trouble.act, name="trouble-act"),
    path("incidents/<int:pk>/", trouble.incident, name="incident"),
    path("incidents/<int:pk>/close/", trouble.incident_close, name="incident-close"),
]
