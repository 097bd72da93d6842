"""Rows of the list pages and of the search."""

from collections.abc import Iterable
from datetime import date

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from portal.accounts.rules import Actor
from portal.naming import Named

from .. import rules
from ..choices import Presence
from ..models import ExternalId, JobRole, Partner, Person, Placement, Programme, Site, Team
from .details import not_over
from .scope import engagements_visible_to, people_visible_to, placements_visible_to

WORDS = 6


def words(text: str) -> list[str]:
    """The words of a search, lower case; more than six are not looked for."""
    return text.lower().split()[:WORDS]


def named_like[N: Named](rows: QuerySet[N], text: str, *, code: bool = True) -> QuerySet[N]:
    """Rows whose name in either language, or whose code, has every word."""
    for word in words(text):
        hit = Q(name__icontains=word) | Q(name_zh__icontains=word)
        rows = rows.filter(hit | Q(code__icontains=word) if code else hit)
    return rows


def listed[N: Named](rows: QuerySet[N], *, archived: bool) -> QuerySet[N]:
    """Rows in use, or the archived ones."""
    return rows.filter(archived_at__isnull=not archived)


def people_like(actor: Actor, text: str) -> QuerySet[Person]:
    """Visible people with every word in their names or address; or the one with that employee number or external id."""
    people = people_visible_to(actor)
    parts = words(text)
    if not parts:
        return people
    by_name = Q()
    for word in parts:
        by_name &= Q(search_text__contains=word)
        if characters := [c for c in word if not c.isascii()]:
            by_name &= Q(search_characters__contains=characters)
    return people.filter(by_name | Q(pk__in=_numbered(actor, text.strip())))


def people_called_like(actor: Actor, text: str) -> QuerySet[Person]:
    """Visible people whose names are like every word, the most alike first: for names that were mistyped. A number or an
    address is like no other."""
    people = people_visible_to(actor)
    if not text.strip() or not all(word.isalpha() for word in words(text)):
        return people.none()
    alike = TrigramWordSimilarity(text.lower(), "search_text")
    for word in words(text):
        people = people.filter(search_text__trigram_word_similar=word)
    return people.alias(alike=alike).order_by("-alike", "name", "id")


def _numbered(actor: Actor, text: str) -> set[int]:
    """Ids of the people with this employee number or external id. Looked up first, so that each index is used."""
    found = set(engagements_visible_to(actor).filter(employee_number__iexact=text).values_list("person", flat=True))
    if rules.sees_all(actor) or actor.has(*rules.SITE_EDITORS):
        found |= set(ExternalId.objects.filter(value=text).values_list("person", flat=True))
    return found


def people_listed(actor: Actor, *, text: str, site: Site | None, presence: Presence, day: date) -> QuerySet[Person]:
    """Visible people, narrowed by text, site and whether they are there now, later, or no more."""
    people = people_like(actor, text)
    placed = placements_visible_to(actor)
    if site:
        placed = placed.filter(site=site)
    here = placed.filter(not_over(day))
    if presence == Presence.CURRENT:
        return people.filter(Exists(here.filter(person=OuterRef("pk"))))
    if presence == Presence.LEFT:
        # A set that is made once; NOT EXISTS would be tried person by person.
        people = people.exclude(pk__in=here.order_by().values("person"))
    return people.filter(Exists(placed.filter(person=OuterRef("pk")))) if site else people


def latest_placements(actor: Actor, people: Iterable[Person], day: date) -> dict[int, Placement]:
    """For each person the placement to show in a list: the primary one in force, else the latest; one query."""
    rows = (
        placements_visible_to(actor)
        .filter(person__in=[p.pk for p in people])
        .select_related("site", "programme", "team", "job_role", "lead")
        .order_by("person_id", "period")
    )
    best: dict[int, Placement] = {}
    for row in rows:
        known = best.get(row.person_id)
        if known is None or _rank(row, day) >= _rank(known, day):
            best[row.person_id] = row
    return best


def _rank(placement: Placement, day: date) -> tuple[bool, bool]:
    return placement.first_day <= day <= (placement.last_day or day), placement.kind == "primary"


def site_rows(rows: QuerySet[Site]) -> QuerySet[Site]:
    """Sites with what their list shows."""
    return rows.select_related("partner")


def programme_rows(rows: QuerySet[Programme]) -> QuerySet[Programme]:
    """Programmes with what their list shows."""
    return rows.select_related("site__partner")


def team_rows(rows: QuerySet[Team]) -> QuerySet[Team]:
    """Teams with what their list shows."""
    return rows.select_related("programme__site")


def site_counts(sites: QuerySet[Site], partners: Iterable[Partner]) -> dict[int, int]:
    """How many of the given sites in use each partner runs; one query."""
    rows = sites.filter(partner__in=[p.pk for p in partners], archived_at__isnull=True).order_by()
    return dict(rows.values_list("partner_id").annotate(number=Count("pk")))


def programmes_with_teams(site: Site) -> list[Programme]:
    """A site's programmes in use with their teams in use; two queries."""
    teams = Prefetch("teams", Team.objects.filter(archived_at__isnull=True).order_by("name", "id"))
    return list(site.programmes.filter(archived_at__isnull=True).order_by("name", "id").prefetch_related(teams))


def job_roles() -> QuerySet[JobRole]:
    """All job roles."""
    return JobRole.objects.all()
