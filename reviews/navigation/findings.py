"""Entries of the side navigation, and words for the trail, of findings, practices and themes."""

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.accounts.rules import Actor
from portal.audit.registry import Named, register_field, register_subject, register_verbs
from portal.ui.registry import Act, NavItem, register_act, register_nav

from ..access.findings import SPEAKERS
from ..choices import Adoption
from ..models import Finding, Sharing, Theme
from ..queries.scope import reads_reviews

VERBS = {
    "finding.added": _("Wrote a finding down"),
    "finding.changed": _("Changed a finding"),
    "finding.withdrawn": _("Took a finding back"),
    "finding.shared": _("Shared a best practice"),
    "sharing.answered": _("Answered a shared practice"),
    "theme.added": _("Added a theme"),
    "theme.changed": _("Renamed a theme"),
}


def register() -> None:
    """Navigation, what one may begin, and words."""
    register_nav(NavItem("reviews", "findings", _("Findings"), "reviews:findings", "flag", 50, reads_reviews))
    register_nav(
        NavItem("reviews", "practices", _("Shared practices"), "reviews:practices", "heart", 55, reads_reviews)
    )
    register_act(Act("finding", 55, _("New finding"), "reviews:finding_new", "flag", _finds))
    register_verbs(VERBS)
    register_subject("finding", _("Finding"), _findings)
    register_subject("sharing", _("Shared practice"), _sharings)
    register_subject("theme", _("Theme"), _themes)
    register_field("adoption", _("Answer"), Adoption.choices)


def _finds(actor: Actor) -> bool:
    return actor.can("run_reviews") or actor.has(*SPEAKERS)


def _findings(ids: Sequence[int]) -> Mapping[int, Named]:
    rows = Finding.objects.filter(pk__in=ids)
    return {one.pk: Named(one.title, reverse("reviews:finding", args=[one.pk])) for one in rows}


def _sharings(ids: Sequence[int]) -> Mapping[int, Named]:
    rows = Sharing.objects.filter(pk__in=ids).select_related("finding")
    return {one.pk: Named(one.finding.title, reverse("reviews:practice", args=[one.pk])) for one in rows}


def _themes(ids: Sequence[int]) -> Mapping[int, Named]:
    return {one.pk: Named(one.label, reverse("reviews:themes")) for one in Theme.objects.filter(pk__in=ids)}
