"""Addresses under /account/."""

from django.urls import path

from portal.accounts.views import invitation, profile, users

app_name = "accounts"
urlpatterns = [
    path("", profile.profile, name="profile"),
    path("stand-ins/", profile.name_stand_in, name="name_stand_in"),
    path("stand-ins/<int:delegation_id>/cancel/", profile.cancel_stand_in, name="cancel_stand_in"),
    path("sessions/end/", profile.end_sessions, name="end_sessions"),
    path("invitation/<str:token>/", invitation.invitation, name="invitation"),
    path("users/", users.users, name="users"),
    path("users/invite/", users.invite, name="invite"),
    path("users/<int:user_id>/", users.user, name="user"),
    path("users/<int:user_id>/roles/", users.add_role, name="add_role"),
    path("users/<int:user_id>/stand-ins/", users.name_stand_in, name="user_stand_in"),
    path("users/<int:user_id>/invite-again/", users.reinvite, name="reinvite"),
    path("users/<int:user_id>/deactivate/", users.deactivate, name="deactivate"),
    path("users/<int:user_id>/reactivate/", users.reactivate, name="reactivate"),
    path("users/<int:user_id>/reset-second-factor/", users.reset_second_factor, name="reset_second_factor"),
    path("roles/<int:membership_id>/end/", users.end_role, name="end_role"),
]
