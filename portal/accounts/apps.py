"""People, what they may do, and who stands in for whom."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users, memberships, delegations."""

    name = "portal.accounts"
    label = "accounts"
