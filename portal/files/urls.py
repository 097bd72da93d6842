"""Addresses under /files/."""

from django.urls import path

from portal.files import views

app_name = "files"
urlpatterns = [path("<uuid:file_id>/", views.file, name="file")]
