"""Addresses of fulfilment."""

from django.urls import URLPattern, path

from ..views import fulfilment as views

urlpatterns: list[URLPattern] = [
    path("work/", views.work_list, name="work"),
    path("work/bulk/", views.work_bulk, name="work-bulk"),
    path("failures/", views.failures, name="failures"),
    path("failures/bulk/", views.failures_bulk, name="failures-bulk"),
    path("confirm/", views.confirm_list, name="confirm"),
    path("confirm/bulk/", views.confirm_bulk, name="confirm-bulk"),
    path("items/<int:pk>/", views.item, name="item"),
    path("hooks/<slug:code>/", views.hook, name="hook"),
]
