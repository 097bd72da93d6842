"""Addresses under /ui/."""

from django.urls import path

from portal.ui import returning, views

app_name = "ui"
urlpatterns = [
    path("theme/", views.theme, name="theme"),
    path("language/", views.language, name="language"),
    path("token/", returning.token, name="token"),
    path("counts/", views.counts, name="counts"),
    path("palette/", views.palette, name="palette"),
    path("components/", views.components, name="components"),
]
