"""Who of a service could be given a case now, with what they have and what they take. A constant number of queries."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Case as SqlCase
from django.db.models import Q, QuerySet, Sum, Value, When

from escalations import rules
from escalations.choices.facts import CardKey
from escalations.models import OPEN, Case, CaseFact, Giving, IssueSkill, IssueType, Service, Workload, WorkShift
from escalations.rules.assigning import LATELY, WEIGHTS, Candidate, Shift, Wanted, on_duty, unfit, weight_of
from partners import queries as directory
from portal.accounts.choices import Role
from portal.accounts.models import Membership, User
from portal.accounts.queries import actors_of, live_delegations, live_memberships
from portal.accounts.rules import Actor

from .facts import plain_facts
from .languages import language_of
from .letting_in import live_grants
from .scope import visible_to

_ONE_DAY = timedelta(days=1)
_WEIGHT = SqlCase(*(When(severity=severity, then=Value(weight)) for severity, weight in WEIGHTS.items()))


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of a service: how they stand as a candidate, and when they work. `load`: of what they have, what the reader
    sees; the candidate's own is of all their cases, to decide by and not to show."""

    user: User
    is_lead: bool
    shifts: tuple[Shift, ...]
    candidate: Candidate
    away: frozenset[date] = frozenset()  # days of leave around now
    stood_in_for: bool = False
    load: int = 0

    @property
    def pk(self) -> int:
        """The user's id, as the avatar tag asks for it."""
        return self.user.pk

    @property
    def name(self) -> str:
        """The user's name."""
        return self.user.name


@dataclass(frozen=True, slots=True)
class Fit:
    """A member and why they cannot be given the case: a value of `choices.Unfit`, "" if they can."""

    member: Member
    why_not: str


def staff_of(service_id: int, at: datetime, *, reader: Actor | None = None) -> list[Member]:
    """The members of a service in the order of their names. Eight queries, nine if any of them is on file as a person; two
    more for a `reader`, to whom loads are shown."""
    return staff_of_all([service_id], at, reader=reader)


def staff_of_all(service_ids: Collection[int], at: datetime, *, reader: Actor | None = None) -> list[Member]:
    """The members of any of the services, each once, in the order of their names; a lead of one of them counts as lead.
    As many queries as for one service."""
    rows = live_memberships(at).filter(role=Role.ASSOCIATE, service__in=service_ids).select_related("user")
    members = {row.user_id: row for row in rows.order_by("is_lead", "pk")}
    found = _Found(list(members), [row.user for row in members.values()], at, reader)
    people = [found.member(row) for row in members.values()]
    return sorted(people, key=lambda one: (one.name, one.pk))


class _Found:
    """What is on file about these people, read at once."""

    def __init__(self, ids: list[int], users: Sequence[User], at: datetime, reader: Actor | None) -> None:
        self.at = at
        self.shifts = shifts_of(ids)
        self.limits = {row.pk: row for row in Workload.objects.filter(user__in=ids)}
        self.issues = issues_of(ids)
        self.loads = loads_of(ids)
        self.seen = _weights(visible_to(reader), ids) if reader is not None else {}
        self.lately = _sums(Giving.objects.filter(user__in=ids, at__gt=at - LATELY), "user_id", "weight")
        self.absent = set(live_delegations(at).filter(principal__in=ids).values_list("principal_id", flat=True))
        self.leave = _leave(users, at)

    def member(self, row: Membership) -> Member:
        pk, limit = row.user_id, self.limits.get(row.user_id)
        shifts = self.shifts.get(pk, ())
        works = on_duty(shifts, self.leave.get(pk, ()), ZoneInfo(row.user.time_zone), self.at)
        candidate = Candidate(
            pk, self.loads.get(pk, 0), limit.cap if limit else None, works and pk not in self.absent,
            frozenset(self.issues.get(pk, ())), frozenset(limit.languages if limit else ()), self.lately.get(pk, 0),
        )  # fmt: skip
        away = frozenset(self.leave.get(pk, ()))
        return Member(row.user, row.is_lead, shifts, candidate, away, pk in self.absent, self.seen.get(pk, 0))


def workload_version(user_id: int) -> int:
    """Of what somebody takes; 0 before anything was set."""
    return Workload.objects.filter(user=user_id).values_list("version", flat=True).first() or 0


def shifts_of(user_ids: Collection[int]) -> dict[int, tuple[Shift, ...]]:
    """Working hours by person, Monday first; one query."""
    found: dict[int, list[Shift]] = defaultdict(list)
    for row in WorkShift.objects.filter(user__in=user_ids).order_by("weekday", "starts"):
        found[row.user_id].append(Shift(row.weekday, row.starts, row.ends))
    return {pk: tuple(rows) for pk, rows in found.items()}


def issues_of(user_ids: Collection[int]) -> dict[int, set[int]]:
    """Issue types that people take, by person; one query."""
    found: dict[int, set[int]] = defaultdict(set)
    for user, issue in IssueSkill.objects.filter(user__in=user_ids).values_list("user_id", "issue_type_id"):
        found[user].add(issue)
    return found


def loads_of(user_ids: Collection[int]) -> dict[int, int]:
    """The weight of everybody's open cases, whoever may see them; one query."""
    return _weights(Case.objects.all(), user_ids)


def _weights(cases: QuerySet[Case], user_ids: Collection[int]) -> dict[int, int]:
    return _sums(cases.filter(OPEN, owner__in=user_ids), "owner_id", _WEIGHT)


def _sums(rows: "QuerySet[Case] | QuerySet[Giving]", by: str, of: object) -> dict[int, int]:
    return dict(rows.order_by().values_list(by).annotate(total=Sum(of)))


def _leave(users: Sequence[User], at: datetime) -> Mapping[int, set[date]]:
    """Days around now on which people on file are on leave."""
    people = {user.person_id: user.pk for user in users if user.person_id}
    if not people:
        return {}
    today = at.date()
    found = directory.leave_days(list(people), today - _ONE_DAY, today + _ONE_DAY)
    return {people[person]: days for person, days in found.items()}


def wanted_of(case: Case) -> Wanted:
    """What a case asks of its owner. Two queries."""
    return wanted_of_many([case])[case.pk]


def wanted_of_many(cases: Collection[Case]) -> dict[int, Wanted]:
    """What cases ask of their owners, by case; two queries."""
    above = _above({case.issue_type_id for case in cases if case.issue_type_id})
    spoken = _spoken(cases)
    return {
        case.pk: Wanted(
            weight_of(case.severity), above.get(case.issue_type_id or 0, frozenset()), spoken.get(case.pk, "")
        )
        for case in cases
    }


def _spoken(cases: Collection[Case]) -> dict[int, str]:
    """The language on the card of each: the case's own word, else the newest of those merged into it. What is more protected
    than the case by now has no part in it, as who gets the case would tell of it. One query."""
    levels = {case.pk: case.sensitivity for case in cases}
    around = Case.objects.filter(Q(pk__in=levels) | Q(merged_into__in=levels)).values("pk")
    rows = CaseFact.objects.filter(case__in=around, key=CardKey.LANGUAGE, withdrawn=False, replaced_by=None)
    said = rows.filter(entry__body__redacted_at=None).order_by("entry__at", "pk")
    own: dict[int, str] = {}
    merged: dict[int, str] = {}
    for pk, into, level, text in said.values_list(
        "case_id", "case__merged_into_id", "case__sensitivity", "entry__body__text"
    ):
        if pk in levels:
            own[pk] = text
        if into in levels and rules.higher_sensitivity(levels[into], level) == levels[into]:
            merged[into] = text
    return {pk: language_of(text) for pk, text in (merged | own).items()}


def _above(issue_ids: Collection[int]) -> dict[int, frozenset[int]]:
    rows = IssueType.objects.filter(pk__in=issue_ids).values_list("pk", "parent_id", "parent__parent_id")
    return {row[0]: frozenset(pk for pk in row if pk) for row in rows}


@dataclass(frozen=True, slots=True)
class Circle:
    """The rights of a service's people, read once: who they are now, which restricted cases they hold, what they were given."""

    staff: Sequence[Member]
    actors: Mapping[int, Actor]
    granted: Collection[tuple[int, int]]
    had: Collection[tuple[int, int]]

    def fits(self, case: Case, wanted: Wanted, *, asks_now: bool = False) -> list[Fit]:
        """Everybody but the owner, and why not them. `asks_now`: they are here, whatever their hours say."""
        return [Fit(one, self._why_not(one, case, wanted, asks_now)) for one in self.staff if one.pk != case.owner_id]

    def able(self, case: Case, wanted: Wanted, *, anew: bool = False) -> list[Candidate]:
        """Who can take it. `anew`: but for those who were given it before, and gave it back or lost it."""
        found = [one.member.candidate for one in self.fits(case, wanted) if not one.why_not]
        return [one for one in found if not (anew and (one.id, case.pk) in self.had)]

    def with_more(self, chosen: Candidate, weight: int) -> "Circle":
        """The same after somebody was given a case of this weight."""
        more = replace(chosen, load=chosen.load + weight, lately=chosen.lately + weight)
        return replace(self, staff=[replace(one, candidate=more) if one.pk == chosen.id else one for one in self.staff])

    def can_own(self, user_id: int, case: Case) -> bool:
        """Whether they could own the case as it is, whatever their hours and skills."""
        return self._may(user_id, case, rules.can_own)

    def can_watch(self, user_id: int, case: Case) -> bool:
        """Whether they could watch the case as it is."""
        return self._may(user_id, case, rules.can_watch)

    def _may(self, user_id: int, case: Case, rule: Callable[[Actor, rules.Facts], rules.Verdict]) -> bool:
        facts = plain_facts(case, granted=(user_id, case.pk) in self.granted)
        return user_id in self.actors and rule(self.actors[user_id], facts).ok

    def _why_not(self, one: Member, case: Case, wanted: Wanted, asks_now: bool) -> str:
        if not self.can_own(one.pk, case):
            return "cannot_work"
        return unfit(replace(one.candidate, on_duty=True) if asks_now else one.candidate, wanted)


def circle_of(staff: Sequence[Member], cases: Collection[Case], at: datetime) -> Circle:
    """What decides who of these people can own which of these cases. Three queries."""
    ids, case_ids = [one.pk for one in staff], [case.pk for case in cases]
    grants = live_grants(at).filter(case__in=case_ids, user__in=ids)
    given = Giving.objects.filter(case__in=case_ids, user__in=ids)
    return Circle(
        staff, actors_of(ids, at), set(grants.values_list("user_id", "case_id")), set(given.values_list("user_id", "case_id"))
    )  # fmt: skip


def has_room(one: Member) -> bool:
    """Whether somebody is on duty and below their cap."""
    free = one.candidate
    return free.on_duty and (free.cap is None or free.load < free.cap)


def unowned(actor: Actor, service_ids: Collection[int]) -> QuerySet[Case]:
    """Open cases of the services that nobody owns and the actor sees; the gravest first, then what is due next."""
    rows = visible_to(actor).filter(OPEN, owner=None, service__in=service_ids)
    return rows.order_by("severity", "next_due_at", "pk")


def giving_services() -> list[int]:
    """Services whose unowned cases are given by themselves."""
    return list(Service.objects.filter(gives_cases=True, archived_at=None).order_by("pk").values_list("pk", flat=True))
