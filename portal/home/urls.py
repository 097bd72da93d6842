"""The front page, search, and what monitoring asks."""

from django.urls import path

from portal.home import health, views

app_name = "home"
urlpatterns = [
    path("", views.day, name="day"),
    path("day/<slug:key>/", views.panel, name="panel"),
    path("search/", views.search, name="search"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
