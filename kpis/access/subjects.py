"""Whose figures a page shows: the network, a partner, a site, a programme, a queue, a team or one agent. All on one kind of page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext

from partners import queries as directory
from portal.accounts.rules import Actor

from ..queries.scope import reads_figures, sites_visible_to
from ..queries.sums import Scope
from ..queries.trends import with_newest


@dataclass(frozen=True, slots=True)
class Subject:
    """`trail`: (address, label) of what it lies in, the network first. `sites`: those it draws from, all in the actor's sight.

    `site`: the one site it lies in. `parts`: by what it is taken apart on its page. `peers`: every site in the actor's sight.
    """

    kind: str
    key: str
    label: str
    scope: Scope
    sites: tuple[Any, ...]
    trail: tuple[tuple[str, str], ...] = ()
    site: Any = None
    parts: tuple[str, ...] = ()
    peers: tuple[Any, ...] = ()

    @property
    def url(self) -> str:
        """Its page."""
        return address(self.kind, self.key)

    @property
    def newest(self) -> date | None:
        """The newest day with figures at any of its sites."""
        return newest_of(self.sites)

    @property
    def today(self) -> date:
        """The calendar day at its site; as `today_of` where there are several."""
        return today_of([self.site] if self.site is not None else self.sites)

    @property
    def site_ids(self) -> list[int]:
        """The sites' ids."""
        return [site.pk for site in self.sites]


def newest_of(sites: Iterable[Any]) -> date | None:
    """The newest day with figures at any of these sites."""
    return max((site.newest for site in sites if site.newest), default=None)


def today_of(sites: Iterable[Any]) -> date:
    """The calendar day where it is earliest, so that a day before it is over at all of these sites."""
    return min(map(directory.site_today, sites), default=directory.today())


def address(kind: str, key: object, page: str = "", *more: object) -> str:
    """The address of a subject's page, or of another page about it; `more` is what that page is of."""
    return reverse(f"kpis:{kind}{page and f'_{page}'}", args=[*([] if kind == "network" else [key]), *more])


def sites_for(actor: Actor) -> list[Any]:
    """The sites whose figures the actor reads, with partner and newest day. One query. Nobody else gets as far as a page."""
    if not reads_figures(actor):
        raise Http404
    return list(with_newest(sites_visible_to(actor).filter(archived_at=None).select_related("partner")))


def get_network(actor: Actor) -> Subject:
    """All sites in the actor's sight."""
    sites = sites_for(actor)
    return Subject("network", "", "", _scope(sites), tuple(sites), parts=("site",), peers=tuple(sites))


def get_partner(actor: Actor, code: str) -> Subject:
    """A partner with a site in the actor's sight."""
    peers = sites_for(actor)
    sites = [site for site in peers if site.partner.code == code]
    if not sites:
        raise Http404
    partner = sites[0].partner
    trail, known = _network(), tuple(peers)
    return Subject("partner", code, partner.label, _scope(sites), tuple(sites), trail, parts=("site",), peers=known)


def get_site(actor: Actor, code: str) -> Subject:
    """A site."""
    peers = sites_for(actor)
    site = next((one for one in peers if one.code == code), None)
    if site is None:
        raise Http404
    return of_site(site, peers)


def of_site(site: Any, peers: Sequence[Any] = ()) -> Subject:
    """A site in hand."""
    return Subject(
        "site", site.code, site.label, _scope([site]), (site,), (*_network(), _step("partner", site.partner)), site,
        ("programme", "queue", "team"), tuple(peers),
    )  # fmt: skip


def get_programme(actor: Actor, pk: int) -> Subject:
    """A programme at a site in the actor's sight."""
    row = directory.programmes_visible_to(actor).filter(pk=pk).first()
    within = _within(actor, row.site_id if row else None)
    if row is None:
        raise Http404
    scope = replace(within.scope, programme_ids=frozenset({pk}))
    return replace(
        within,
        kind="programme",
        key=str(pk),
        label=row.label,
        scope=scope,
        trail=_below(within),
        parts=("queue", "team"),
    )


def get_queue(actor: Actor, pk: int) -> Subject:
    """A queue of such a programme."""
    row = directory.queues_visible_to(actor).select_related("programme").filter(pk=pk).first()
    within = _within(actor, row.programme.site_id if row else None)
    if row is None:
        raise Http404
    scope = replace(within.scope, queue_ids=frozenset({pk}))
    trail = (*_below(within), (address("programme", row.programme_id), row.programme.label))
    return replace(within, kind="queue", key=str(pk), label=row.label, scope=scope, trail=trail, parts=())


def get_team(actor: Actor, pk: int) -> Subject:
    """A team."""
    row = directory.teams_visible_to(actor).select_related("programme").filter(pk=pk).first()
    within = _within(actor, row.programme.site_id if row else None)
    if row is None:
        raise Http404
    scope = replace(within.scope, team_ids=frozenset({pk}))
    trail = (*_below(within), (address("programme", row.programme_id), row.programme.label))
    return replace(within, kind="team", key=str(pk), label=row.label, scope=scope, trail=trail, parts=("person",))


def get_person(actor: Actor, pk: int) -> Subject:
    """Somebody who works, or worked, at a site in the actor's sight; only what they did at such sites."""
    sites = sites_for(actor)
    row = directory.people_visible_to(actor).filter(pk=pk).first()
    if row is None:
        raise Http404
    scope = Scope(frozenset(site.pk for site in sites), person_ids=frozenset({pk}))
    place = next(iter(directory.latest_placements(actor, [row], directory.today()).values()), None)
    trail = _network()
    site = next((one for one in sites if place is not None and one.pk == place.site_id), None)
    if site is not None and place is not None:
        trail = _below(of_site(site))
        trail += ((address("team", place.team_id), place.team.label),) if place.team else ()
    return Subject("person", str(pk), row.label, scope, tuple(sites), trail, site, peers=tuple(sites))


def _within(actor: Actor, site_id: int | None) -> Subject:
    """The site that something lies in; out of sight, so is that."""
    peers = sites_for(actor)
    site = next((one for one in peers if one.pk == site_id), None)
    if site is None:
        raise Http404
    return of_site(site, peers)


def _below(within: Subject) -> tuple[tuple[str, str], ...]:
    return (*within.trail, (within.url, within.label))


def _network() -> tuple[tuple[str, str], ...]:
    return ((address("network", ""), gettext("Network")),)


def _step(kind: str, row: Any) -> tuple[str, str]:
    return address(kind, row.code), row.label


def _scope(sites: Sequence[Any]) -> Scope:
    return Scope(frozenset(site.pk for site in sites))
