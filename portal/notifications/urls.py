"""Addresses under /inbox/."""

from django.urls import path

from portal.notifications import views

app_name = "notifications"
urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("read/", views.read_all, name="read_all"),
    path("<int:pk>/read/", views.read, name="read"),
    path("<int:pk>/open/", views.open_notification, name="open"),
    path("failed/", views.failed, name="failed"),
    path("failed/<int:pk>/retry/", views.retry_failed, name="retry"),
    path("failed/<int:pk>/discard/", views.discard_failed, name="discard"),
    path("mails/", views.mails, name="mails"),
    path("mails/<int:pk>/", views.mail, name="mail"),
    path("mails/<int:pk>/body/", views.mail_body, name="mail_body"),
]
