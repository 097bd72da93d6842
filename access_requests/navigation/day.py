"""What "My day" shows of access: to IT what is handed over to it, to those who ask their drafts and what needs a look."""

from collections.abc import Mapping
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from portal.accounts.rules import Actor
from portal.ui.registry import Act, Panel, register_act, register_home

from ..models import AccessRequest, RequestDraft
from ..queries import requests, work

MOST: Final = 6


def register() -> None:
    """Hang them in."""
    register_home(Panel("access", 40, "ui/_todo.html", access, _("Access"), _has_access, later=True))
    register_act(Act("access_request", 20, _("New access request"), "access:request-new", "key", _asks))


def _asks(actor: Actor) -> bool:
    return actor.can("request_access")


def _has_access(actor: Actor) -> bool:
    return _asks(actor) or actor.can("fulfil_access")


def access(actor: Actor, _page: object) -> Mapping[str, Any] | None:
    """IT: what is due first. Who asks for access: drafts to go on with, then requests that somebody has to look at."""
    return {"key": "access", **(_of_it(actor) if actor.can("fulfil_access") else _of_requests(actor))}


def _of_it(actor: Actor) -> dict[str, Any]:
    items = work.work_page(actor, work.WorkFilters(), None).items[:MOST]
    rows = [
        {
            "title": f"{row.item.entitlement.system.label}: {row.item.entitlement.label}",
            "detail": f"{row.item.get_operation_display()} · {row.item.person.name} · {row.site}",
            "url": reverse("access:item", args=[row.item.pk]),
            "at": row.item.due_at,
        }
        for row in work.with_places(items)
    ]
    return {
        "heading": _now("Due first in the IT queue"),
        "rows": rows,
        "empty_title": _now("Nothing to do here"),
        "empty_text": _now("Items appear here when they are handed over to one of your systems."),
        "more_url": reverse("access:work"),
        "more_text": _now("Open the IT queue"),
    }


def _of_requests(actor: Actor) -> dict[str, Any]:
    drafts = requests.drafts_of(actor)[:MOST]
    asked = requests.in_tab(actor, "attention").select_related("site").order_by("due_at", "pk")[: MOST - len(drafts)]
    return {
        "heading": _now("Access"),
        "rows": [*(_draft(one) for one in drafts), *(_asked(one) for one in asked)],
        "empty_title": _now("Access is in order"),
        "empty_text": _now("Drafts and requests that need a look will stand here."),
        "more_url": reverse("access:requests"),
        "more_text": _now("All requests"),
    }


def _draft(draft: RequestDraft) -> dict[str, Any]:
    return {
        "title": f"{draft.get_kind_display()} · {draft.site.label}",
        "detail": _now("Not sent yet"),
        "url": reverse("access:draft-people", args=[draft.pk]),
        "badge": _now("Draft"),
        "tone": "",
    }


def _asked(row: AccessRequest) -> dict[str, Any]:
    page = "access:trouble-report" if row.kind == "troubleshooting" else "access:request"
    return {
        "title": f"{row.ref} · {row.get_kind_display()}",
        "detail": row.site.label,
        "url": reverse(page, args=[row.ref]),
        "badge": row.get_state_display(),
        "tone": "amber",
    }
