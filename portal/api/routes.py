"""Addresses under /api/v1/: the reference, the wings' routes, and an answer for all else."""

from django.urls import path

from portal.api import views
from portal.api.http.service import api

app_name = "api_v1"
urlpatterns = [
    path("", views.reference, name="reference"),
    path("openapi.json", views.openapi, name="openapi"),
    *api().addresses(),
    path("<path:rest>", views.unknown, name="unknown"),
]
