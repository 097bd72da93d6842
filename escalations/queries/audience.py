"""Who hears of what happened to cases: found in sets, when the message is handed round, by what people may see then."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.urls import reverse
from django.utils import timezone

from escalations.choices import OPEN_STATES, Severity
from escalations.choices.statutory import Duty
from escalations.models import BriefCopy, Case, Watcher
from escalations.rules.briefs.levels import levels_for
from portal.accounts.choices import Role
from portal.notifications.registry import Delivery
from sla import queries as clock_queries

from .due import internal_metric
from .people import in_good_hands, members_by_service, seeing_pairs, site_people
from .promises import versions_now

Payload = Mapping[str, Any]
Wanted = tuple[Payload, int]  # an event, and somebody who would hear of it
# Where a policy names nobody for a level.
_DEFAULT_WHO: Final = {1: ["service_lead", "coordinator"]}
_HIGHER_WHO: Final = ["service_lead", "coordinator", "manager"]


@dataclass(frozen=True, slots=True)
class Circle:
    """The people around a set of cases; a constant number of queries."""

    cases: Mapping[int, Case]
    watchers: Mapping[int, set[int]]
    leads: Mapping[int, set[int]]
    coordinators: Mapping[int, set[int]]
    managers: Mapping[int, set[int]]
    kept: Set[int]  # cases whose owner could be given them now

    def named(self, case_id: int, who: str) -> set[int]:
        """User ids behind one of a policy's recipients: a role around the case, or a user's id."""
        case = self.cases.get(case_id)
        if case is None:
            return set()
        if who == "owner":
            return {case.owner_id} if case.owner_id else set()
        if who == "service_lead":
            return self.leads.get(case.service_id, set())
        people = {"coordinator": self.coordinators, "manager": self.managers}.get(who)
        if people is not None:
            return people.get(case.site_id or 0, set())
        return {int(who)} if who.isdigit() else set()

    def owner_or_dispatch(self, case_id: int) -> set[int]:
        """The owner; without one who can work the case still, those who could find one."""
        owner = self.named(case_id, "owner")
        if case_id in self.kept:
            return owner
        return owner | self.named(case_id, "service_lead") | self.named(case_id, "coordinator")

    def is_left(self, case_id: int) -> bool:
        """Whether its owner has gone, or cannot work it any more: nobody took it off them."""
        return case_id not in self.kept and bool(self.named(case_id, "owner"))


def circle_of(payloads: Sequence[Payload], at: datetime) -> Circle:
    """Everybody around the cases of these events."""
    ids = {int(one["case"]) for one in payloads}
    cases = {c.pk: c for c in Case.objects.filter(pk__in=ids).select_related("site").defer("search")}
    watchers: dict[int, set[int]] = {}
    for case_id, user in Watcher.objects.filter(case__in=ids).values_list("case_id", "user_id"):
        watchers.setdefault(case_id, set()).add(user)
    sites = {c.site_id for c in cases.values() if c.site_id is not None}
    return Circle(
        cases,
        watchers,
        members_by_service({c.service_id for c in cases.values()}, leads_only=True, at=at),
        site_people(sites, Role.COORDINATOR, at),
        site_people(sites, Role.MANAGER, at),
        in_good_hands(cases, at),
    )


def warned(payloads: list[Payload]) -> list[Delivery]:
    """A warning is for whoever works the case, or could find somebody; not for cases that are waiting for nothing any more."""
    circle = circle_of(payloads, timezone.now())
    return _seen_of_clocks((p, user) for p in _open(payloads, circle) for user in circle.owner_or_dispatch(p["case"]))


def breached(payloads: list[Payload]) -> list[Delivery]:
    """A breach is for the owner, the watchers and the service's leads."""
    circle = circle_of(payloads, timezone.now())
    return _seen_of_clocks(
        (p, user)
        for p in payloads
        for user in circle.owner_or_dispatch(p["case"])
        | circle.watchers.get(p["case"], set())
        | circle.named(p["case"], "service_lead")
    )


def escalated(payloads: list[Payload]) -> list[Delivery]:
    """An escalation is for whom the policy names for its level: the clock's, for a deadline by law the one that holds now."""
    circle = circle_of(payloads, timezone.now())
    by_law = [int(p["case"]) for p in payloads if p.get("metric") in Duty.values]
    versions = versions_now(by_law) if by_law else {}
    payloads = [p if p.get("policy_version") else {**p, "policy_version": versions.get(p["case"])} for p in payloads]
    levels = clock_queries.levels_of({p.get("policy_version") for p in payloads})
    return _seen_of_clocks((p, user) for p in payloads for user in _named(p, circle, levels) if user != p.get("by"))


def _named(payload: Payload, circle: Circle, levels: Mapping[tuple[int, int], list[str]]) -> set[int]:
    level = int(payload.get("threshold") or payload.get("level") or 1)
    who = levels.get((payload.get("policy_version") or 0, level)) or _DEFAULT_WHO.get(level, _HIGHER_WHO)
    return set().union(*(circle.named(payload["case"], one) for one in who))


def assigned(payloads: list[Payload]) -> list[Delivery]:
    """The new owner, if it is still they."""
    cases = Case.objects.in_bulk({int(p["case"]) for p in payloads})
    return _seen((p, p["user"]) for p in payloads if p["case"] in cases and cases[p["case"]].owner_id == p["user"])


def granted(payloads: list[Payload]) -> list[Delivery]:
    """Whoever was let in."""
    return _seen((p, p["user"]) for p in payloads)


def glass_broken(payloads: list[Payload]) -> list[Delivery]:
    """The owner, who sees the case, and the leads of the service, who see that it happened and have to review it."""
    circle = circle_of(payloads, timezone.now())
    owners = _seen((p, user) for p in payloads for user in circle.named(p["case"], "owner") if user != p["user"])
    told = {(one.recipient_id, one.subject_id) for one in owners}
    leads = [
        Delivery(user, p["case"], reverse("escalations:break-glass-reviews"), {"ref": f"EC-{p['case']}"}, urgent=True)
        for p in payloads
        for user in sorted(circle.named(p["case"], "service_lead"))
        if user != p["user"] and (user, p["case"]) not in told
    ]
    return [Delivery(d.recipient_id, d.subject_id, d.url, d.params, urgent=True) for d in owners] + leads


def merged(payloads: list[Payload]) -> list[Delivery]:
    """Owners and watchers of both cases, except whoever merged them: who sees both hears of the one that goes on, who sees
    only the one that ended, of that one. Neither message names the other case."""
    circle = circle_of([*payloads, *({"case": p["merged"]} for p in payloads)], timezone.now())
    wanted = [(p, user) for p in payloads for user in sorted(_around(p, circle)) if user != p.get("by")]
    pairs = {(user, int(p[key])) for p, user in wanted for key in ("case", "merged")}
    allowed, cases = seeing_pairs(pairs, timezone.now())
    found = []
    for payload, user in wanted:
        survivor, ended = payload["case"], payload["merged"]
        if (user, ended) in allowed:
            case = cases[survivor if (user, survivor) in allowed else ended]
            url = reverse("escalations:case", args=[case.ref])
            found.append(Delivery(user, case.pk, url, {"ref": case.ref, "ended": case.pk == ended}))
    return found


def written_to(payloads: list[Payload]) -> list[Delivery]:
    """Mail on a case is for its owner and its watchers; without an owner, for those who could find one. It is an internal
    entry: only for those who see these."""
    circle = circle_of(payloads, timezone.now())
    wanted = (
        (p, user)
        for p in payloads
        for user in circle.owner_or_dispatch(p["case"]) | circle.watchers.get(p["case"], set())
    )
    return _seen(wanted, inside=True)


def lost(payloads: list[Payload]) -> list[Delivery]:
    """A mail that did not arrive is for whoever wrote it, and for the owner; if the owner is gone, or an answer by law is owed
    again for it and nobody owns the case, for those who could find somebody."""
    circle = circle_of(payloads, timezone.now())
    wanted = ((p, user) for p in payloads for user in {p["user"] or 0, *_owners(p, circle)} - {0})
    return _seen(wanted, inside=True)


def _owners(payload: Payload, circle: Circle) -> set[int]:
    case: int = payload["case"]
    asks_around = payload.get("by_law") or circle.is_left(case)
    return circle.owner_or_dispatch(case) if asks_around else circle.named(case, "owner")


def briefed(payloads: list[Payload]) -> list[Delivery]:
    """Whoever was given a copy of a brief, while they see the case and may read as much of it. Each leads to its copy: somebody
    may be given several."""
    now, pairs = timezone.now(), {(p["user"], int(p["case"])) for p in payloads}
    allowed, cases = seeing_pairs(pairs, now)
    inside, _cases = seeing_pairs(pairs, now, inside=True)
    copies = BriefCopy.objects.filter(pk__in={p["copy"] for p in payloads})
    levels = dict(copies.values_list("pk", "level"))
    return [
        replace(_delivery(p, p["user"], cases[p["case"]]), url=reverse("escalations:brief-copy", args=[p["copy"]]))
        for p in payloads
        if (pair := (p["user"], p["case"])) in allowed
        and levels.get(p["copy"]) in levels_for(in_portal=True, inside=pair in inside)
    ]


def _around(payload: Payload, circle: Circle) -> set[int]:
    cases = (payload["case"], payload["merged"])
    return set().union(*(circle.named(case, "owner") | circle.watchers.get(case, set()) for case in cases))


def _open(payloads: Iterable[Payload], circle: Circle) -> Iterable[Payload]:
    """What the law asks for is owed for a case that was resolved as well."""
    return (
        p
        for p in payloads
        if p["case"] in circle.cases
        and (circle.cases[p["case"]].state in OPEN_STATES or p.get("metric") in Duty.values)
    )


def _seen_of_clocks(wanted: Iterable[Wanted]) -> list[Delivery]:
    """As `_seen`; of what the law asks for those alone hear who see the case inside."""
    asked = list(wanted)
    by_law = [one for one in asked if internal_metric(one[0].get("metric"))]
    found = _seen(one for one in asked if not internal_metric(one[0].get("metric")))
    return [*found, *(_seen(by_law, inside=True) if by_law else ())]


def _seen(wanted: Iterable[Wanted], *, inside: bool = False) -> list[Delivery]:
    """Deliveries to those who may see the case (with its internal entries if `inside`) at this moment. S1 is urgent."""
    asked = [(payload, user) for payload, user in wanted if user is not None]
    pairs = {(user, int(p["case"])) for p, user in asked}
    allowed, cases = seeing_pairs(pairs, timezone.now(), inside=inside)
    return [
        _delivery(payload, user, cases[payload["case"]])
        for payload, user in asked
        if (user, payload["case"]) in allowed
    ]


def _delivery(payload: Payload, user: int, case: Case) -> Delivery:
    params = {
        "ref": case.ref,
        **{key: payload[key] for key in ("metric", "threshold", "level", "by_law") if payload.get(key)},
    }
    url = reverse("escalations:case", args=[case.ref])
    return Delivery(user, case.pk, url, params, urgent=case.severity == Severity.S1)
