"""Addresses under /mailboxes/."""

from django.urls import path

from portal.mailbox import views

app_name = "mailbox"
urlpatterns = [
    path("", views.mailboxes, name="mailboxes"),
    path("new/", views.mailbox_new, name="mailbox_new"),
    path("<int:pk>/change/", views.mailbox_change, name="mailbox_change"),
    path("<int:pk>/archive/", views.mailbox_archive, name="mailbox_archive"),
    path("messages/", views.messages, name="messages"),
    path("messages/<int:pk>/retry/", views.message_retry, name="message_retry"),
    path("messages/<int:pk>/hide/", views.message_hide, name="message_hide"),
    path("messages/<int:pk>/put-away/", views.message_put_away, name="message_put_away"),
]
