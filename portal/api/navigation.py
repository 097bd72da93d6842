"""What the rooms below and the shell show of this room."""

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.accounts.registry import register_keys, register_leaving
from portal.api.actions import end_tokens_of
from portal.api.models import ApiToken
from portal.api.queries import may_see_all
from portal.audit.registry import Named, register_field, register_subject, register_verbs
from portal.ui.registry import NavItem, Panel, register_nav, register_panel


def register() -> None:
    """Register all of it."""
    register_leaving(end_tokens_of)
    register_keys(end_tokens_of)
    register_panel("profile_rail", Panel("api_tokens", 10, "api/_profile.html", lambda actor, person: {}))
    register_nav(NavItem("admin", "api-tokens", _("API tokens"), "api:all_tokens", "key", 65, visible=may_see_all))
    register_verbs({"api_token.made": _("Made an API token"), "api_token.revoked": _("Revoked an API token")})
    register_subject("api_token", _("API token"), _names)
    register_field("scopes", _("What it may do"))
    register_field("days", _("Days"))


def _names(ids: Sequence[int]) -> Mapping[int, Named]:
    # What people call their tokens is theirs; the trail shows what stands in front of each.
    rows = ApiToken.objects.filter(pk__in=ids)
    return {row.pk: Named(row.prefix, reverse("api:all_tokens")) for row in rows}
