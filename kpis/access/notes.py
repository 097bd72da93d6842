"""Who may write beside figures: coordinators and managers of the site, and administrators."""

from typing import TYPE_CHECKING

from django.http import Http404

from partners import queries as directory
from portal.accounts.choices import Role
from portal.accounts.rules import Actor

from ..models import Annotation
from ..queries.scope import COMPANY, reads_figures, sites_visible_to

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from partners.models import Site


def sites_to_annotate(actor: Actor) -> "QuerySet[Site]":
    """The sites beside whose figures the actor may write."""
    sites = sites_visible_to(actor).filter(archived_at=None)
    if actor.has(Role.ADMINISTRATOR):
        return sites
    return sites.filter(pk__in=directory.sites_of(actor, *COMPANY).values("pk"))


def to_annotate(actor: Actor, sites: "Iterable[Site]") -> "list[Site]":
    """Those of some sites in the actor's sight beside whose figures they may write. No query."""
    if actor.has(Role.ADMINISTRATOR):
        return list(sites)
    named = {(one.site_id, one.partner_id) for one in actor.of(*COMPANY)}
    site_ids, partner_ids = {site for site, _partner in named}, {partner for _site, partner in named} - {None}
    return [site for site in sites if site.pk in site_ids or site.partner_id in partner_ids]


def get_note(actor: Actor, pk: int) -> Annotation:
    """A remark that the actor may withdraw; 404 if there is none."""
    if not reads_figures(actor):
        raise Http404
    note = Annotation.objects.filter(pk=pk, site__in=sites_to_annotate(actor).values("pk")).first()
    if note is None:
        raise Http404
    return note
