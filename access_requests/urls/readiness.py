"""Addresses of readiness, the matrix, certificates and trouble."""

from django.urls import URLPattern, path

from ..views import readiness

urlpatterns: list[URLPattern] = [
    path("readiness/", readiness.board, name="readiness"),
    path("readiness/remind/<int:item_id>/", readiness.nudge_item, name="nudge"),
]
