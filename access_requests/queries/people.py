"""Whom somebody may ask for, and who is meant by a row of a list."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower, Upper
from django.utils import timezone

from partners import queries as directory
from portal.accounts.rules import SYSTEM, Actor

from ..choices import RequestKind
from ..rules import lists

if TYPE_CHECKING:
    from partners.models import Person, Site

FOUND_MOST = 12


def sites_to_request(actor: Actor) -> "QuerySet[Site]":
    """Sites in use for whose people the actor may ask."""
    standings = actor.standings_for("request_access")
    sites = {s.site_id for s in standings if s.site_id is not None}
    partners = {s.partner_id for s in standings if s.partner_id is not None}
    rows = directory.sites_visible_to(actor).filter(Q(pk__in=sites) | Q(partner_id__in=partners))
    return rows.filter(archived_at=None).select_related("partner").order_by("name", "pk")


def people_of_site(site_id: int, kind: str) -> "QuerySet[Person]":
    """People who work at a site, now or later; of leavers also those who do not work anywhere any more."""
    placed = directory.placements_visible_to(SYSTEM).filter(person=OuterRef("pk"))
    live = placed.filter(directory.not_over(timezone.now().date() - timedelta(days=1)))
    here = Exists(live.filter(site_id=site_id))
    people = directory.people_visible_to(SYSTEM)
    if kind == RequestKind.LEAVER:
        return people.filter(here | (Exists(placed.filter(site_id=site_id)) & ~Exists(live)))
    return people.filter(here)


def find_people(site_id: int, kind: str, text: str) -> "list[Person]":
    """The first people of a site whom a search means."""
    found = directory.people_like(SYSTEM, text).filter(pk__in=people_of_site(site_id, kind).values("pk"))
    return list(found.order_by("name", "pk")[:FOUND_MOST])


def known_people(site_id: int, kind: str, rows: Collection[lists.Row]) -> lists.Known:
    """The people of a site whom these rows may mean, by what the rows say. Five queries."""
    here = people_of_site(site_id, kind)
    said = {column: {row.cells.get(column, "").casefold() for row in rows} - {""} for column in lists.CELLS}
    numbers = directory.engagements_visible_to(SYSTEM).annotate(said=Upper("employee_number"))
    numbers = numbers.filter(said__in=[number.upper() for number in said["employee_no"]])
    by_number = _index(numbers.order_by().values_list("said", "person_id"))
    externals = {row.cells.get("external_id", "") for row in rows} - {""}
    by_external = _index(directory.people_by_external_id(externals))
    emails = here.annotate(said=Lower("email")).filter(said__in=said["email"])
    by_email = _index(emails.order_by().values_list("said", "pk"))
    named = here.annotate(one=Lower("name"), other=Lower("preferred_name"))
    named = named.filter(Q(one__in=said["name"]) | Q(other__in=said["name"]))
    by_name = _index(pair for one, other, pk in named.order_by().values_list("one", "other", "pk")
                     for pair in ((one, pk), (other, pk)))  # fmt: skip
    meant = {row.person_id for row in rows if row.person_id is not None}
    for index in (by_number, by_external, by_email, by_name):
        meant.update(*index.values())
    people = here.filter(pk__in=meant)
    labels = {one.pk: one.label for one in people}
    names = {one.pk: f"{one.name} {one.preferred_name}".casefold() for one in people}
    indexes = (_only(index, labels) for index in (by_number, by_external, by_email, by_name))
    return lists.Known(labels, names, *indexes)


def _index(pairs: Iterable[tuple[str, int]]) -> dict[str, frozenset[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for text, person in pairs:
        if text:
            found[text.casefold()].add(person)
    return {text: frozenset(people) for text, people in found.items()}


def _only(index: dict[str, frozenset[int]], labels: Collection[int]) -> dict[str, frozenset[int]]:
    """The index without people who are not of the site: nobody learns that they exist."""
    kept = {text: people & frozenset(labels) for text, people in index.items()}
    return {text: people for text, people in kept.items() if people}
