"""Signals and what people keep for themselves."""

from django.urls import path

from ..views import alerts, saved

urlpatterns = [
    path("alerts/", alerts.alerts, name="alerts"),
    path("alerts/export/", alerts.export, name="alerts_export"),
    path("alerts/<int:pk>/", alerts.alert, name="alert"),
    path("alerts/follow/", alerts.follow, name="alerts_follow"),
    path("alerts/<int:pk>/unfollow/", alerts.unfollow, name="alerts_unfollow"),
    path("views/", saved.views, name="views"),
    path("views/save/", saved.save, name="views_save"),
    path("views/<int:pk>/", saved.open_view, name="views_open"),
    path("views/<int:pk>/edit/", saved.edit, name="views_edit"),
    path("views/<int:pk>/rename/", saved.rename, name="views_rename"),
    path("views/<int:pk>/delete/", saved.delete, name="views_delete"),
    path("views/<int:pk>/mail/", saved.mail, name="views_mail"),
    path("views/<int:pk>/stop/", saved.stop, name="views_stop"),
]
