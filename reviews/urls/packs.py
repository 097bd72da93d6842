"""Packs."""

from django.urls import path

from ..views import pack_acts, pack_checks, packs

urlpatterns = [
    path("packs/", packs.packs, name="packs"),
    path("packs/<int:pk>/", packs.pack, name="pack"),
    path("packs/<int:pk>/progress/", packs.pack_progress, name="pack_progress"),
    path("packs/<int:pk>/changes/", pack_checks.pack_changes, name="pack_changes"),
    path("packs/<int:pk>/comment/", pack_acts.pack_comment, name="pack_comment"),
    path("packs/<int:pk>/acknowledge/", pack_acts.pack_acknowledge, name="pack_acknowledge"),
    path("packs/<int:pk>/publish/", pack_acts.pack_publish, name="pack_publish"),
    path("packs/<int:pk>/revise/", pack_acts.pack_revise, name="pack_revise"),
    path("packs/<int:pk>/retry/", pack_acts.pack_retry, name="pack_retry"),
    path("check/", pack_checks.check, name="check"),
]
