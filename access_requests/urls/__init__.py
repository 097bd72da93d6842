"""Addresses of access, a file per topic."""

from django.urls import URLPattern

from . import approvals, catalogue, fulfilment, readiness, requests

app_name = "access"
urlpatterns: list[URLPattern] = [
    *requests.urlpatterns,
    *approvals.urlpatterns,
    *fulfilment.urlpatterns,
    *readiness.urlpatterns,
    *catalogue.urlpatterns,
]
