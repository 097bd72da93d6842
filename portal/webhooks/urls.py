"""Addresses under /webhooks/."""

from django.urls import path

from portal.webhooks import views

app_name = "webhooks"
urlpatterns = [
    path("", views.targets, name="targets"),
    path("new/", views.target_new, name="target_new"),
    path("<int:pk>/", views.target, name="target"),
    path("<int:pk>/change/", views.target_change, name="target_change"),
    path("<int:pk>/archive/", views.target_archive, name="target_archive"),
    path("<int:pk>/test/", views.target_test, name="target_test"),
    path("<int:pk>/secret/", views.target_secret, name="target_secret"),
]
