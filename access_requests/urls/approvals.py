"""Addresses of approvals."""

from django.urls import URLPattern, path

from ..views import approvals, exceptions

urlpatterns: list[URLPattern] = [
    path("approvals/", approvals.approval_list, name="approvals"),
    path("approvals/decide/", approvals.decide, name="decide"),
    path("approvals/<str:ref>/", approvals.approval, name="approval"),
    path("items/<int:pk>/exception/", exceptions.exception_ask, name="exception-ask"),
    path("exceptions/asked/<int:pk>/", exceptions.exception, name="exception"),
    path("exceptions/<int:pk>/end/", exceptions.exception_end, name="exception-end"),
]
