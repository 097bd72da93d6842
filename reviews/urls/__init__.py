"""Addresses of the wing, a file per topic."""

from django.urls import URLPattern

app_name = "reviews"
urlpatterns: list[URLPattern] = []
