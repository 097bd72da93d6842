"""Who may be named in a note on a case, and where somebody was named. A constant number of queries."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject
from django.utils import timezone

from escalations.models import Case, Mention, MentionSeen, TimelineEntry
from escalations.rules.mentioning import Person, named_in, spelling_of, unknown_in
from portal.accounts.choices import Role
from portal.accounts.models import User
from portal.accounts.queries import live_delegations, live_memberships
from portal.accounts.rules import Actor
from portal.ui.pagination import Page, keyset_page

from .letting_in import openings_of
from .people import seeing_pairs
from .scope import visible_inside

_SUGGESTED = 8
_PAGE = 50


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Somebody to name, and by what."""

    pk: int
    name: str
    spelling: str


def people_inside(case: Case, at: datetime | None = None) -> list[Person]:
    """Everybody active who sees the case with its internal notes now, stand-ins among them, by name. Eight queries at most."""
    when = at or timezone.now()
    opened = openings_of([case.pk], when)
    asked = {user for user, _case in opened.granted | opened.asked}
    services = {case.service_id, *(service for service, _case in opened.offered)}
    around = Q(role=Role.ASSOCIATE, service__in=services) | Q(role__in=(Role.ADMINISTRATOR, Role.AUDITOR))
    if case.site_id is not None:
        at_site = Q(site=case.site_id) | Q(partner__sites=case.site_id)
        around |= Q(role__in=(Role.COORDINATOR, Role.MANAGER)) & at_site
    members = set(live_memberships(when).filter(around).values_list("user_id", flat=True))
    # What somebody was asked or granted in person goes to no stand-in; what such a one sees, the pairs below decide.
    stand_ins = live_delegations(when).filter(principal__in=members).values_list("delegate_id", flat=True)
    ids = asked | members | set(stand_ins)
    allowed, _cases = seeing_pairs({(user, case.pk) for user in ids}, when, inside=True)
    users = User.objects.filter(pk__in=[user for user, _case in allowed], is_active=True).order_by("name", "pk")
    return [Person(*row) for row in users.values_list("pk", "name", "email")]


def suggestions(case: Case, text: str) -> list[Suggestion]:
    """A few of them whose name, or what they sign in with, has the text in it; those that begin with it first."""
    people, wanted = people_inside(case), text.strip().lower()
    fits = [
        one for one in people if wanted in one.name.lower() or one.email.partition("@")[0].lower().startswith(wanted)
    ]
    fits.sort(key=lambda one: not any(part.startswith(wanted) for part in one.name.lower().split()))
    return [Suggestion(one.user_id, one.name, spelling_of(one, people)) for one in fits[:_SUGGESTED]]


def unknown_names(case: Case, text: str) -> list[str]:
    """What stands after an @ and is nobody who sees the case, as far as a note says so. No query without an @."""
    return unknown_in(text, people_inside(case)) if "@" in text else []


def names_in(case: Case, text: str) -> list[tuple[int, int, int]]:
    """Who is named: start, length and user of each. No query without an @."""
    found = named_in(text, people_inside(case)) if "@" in text else []
    return [(one.start, one.length, one.user_id) for one in found]


def mentions_of(actor: Actor, cursor: str | None) -> Page[Mention]:
    """Where the actor was named, the newest first: notes whose words are there, on cases of which they see the notes.
    Raises BadCursor."""
    rows = _live(actor).select_related("entry__body", "entry__actor", "entry__case__site")
    return keyset_page(rows.defer("entry__case__search"), order=("-id",), cursor=cursor, size=_PAGE)


def _live(actor: Actor) -> QuerySet[Mention]:
    rows = Mention.objects.filter(user=actor.user_id or 0, entry__body__redacted_at=None)
    return rows.filter(entry__case__in=visible_inside(actor))


def seen_up_to(actor: Actor) -> int:
    """The newest mention that the actor has read; 0 before the first."""
    found = MentionSeen.objects.filter(user=actor.user_id or 0).values_list("up_to", flat=True).first()
    return found or 0


def unread_mentions(actor: Actor) -> int:
    """How many are new."""
    return _live(actor).filter(pk__gt=seen_up_to(actor)).count()


def still_told(pairs: Collection[tuple[int, int]]) -> set[tuple[int, int]]:
    """Of these users and entries, those whose mention stands: the words are there."""
    rows = Mention.objects.filter(entry__in={entry for _user, entry in pairs}, entry__body__redacted_at=None)
    return {pair for pair in rows.values_list("user_id", "entry_id") if pair in pairs}


def cases_naming(actor: Actor, case_ids: Collection[int]) -> set[int]:
    """Of these cases, those whose notes name the actor, and that they see with these. Three queries at most."""
    return set(_live(actor).filter(entry__case__in=case_ids).values_list("entry__case", flat=True))


def with_names(entries: QuerySet[TimelineEntry]) -> QuerySet[TimelineEntry]:
    """Entries that know where their words name somebody, within their own query: `named`, pairs of start and length."""
    places = Mention.objects.filter(entry=OuterRef("pk")).order_by("start")
    return entries.annotate(named=ArraySubquery(places.values(place=JSONObject(start="start", length="length"))))
