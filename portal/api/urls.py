"""Addresses of the pages about tokens, under /account/tokens/."""

from django.urls import path

from portal.api import views

app_name = "api"
urlpatterns = [
    path("", views.tokens, name="tokens"),
    path("all/", views.all_tokens, name="all_tokens"),
    path("<int:pk>/revoke/", views.token_revoke, name="token_revoke"),
]
