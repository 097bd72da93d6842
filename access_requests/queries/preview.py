"""What a request would come to, before it is sent: per person, per entitlement, and until when. Constant queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from partners import queries as directory
from portal.accounts import queries as accounts
from portal.accounts.choices import Role
from portal.accounts.rules import SYSTEM
from sla.queries.calendars import calendars_for, newest_versions

from ..choices import Channel, RequestKind, StageKind
from ..models import ApprovalStage, BundleVersion, Entitlement
from ..rules import Conflict, PersonPlan
from .matters import site_people
from .planning import conflicts, plans

if TYPE_CHECKING:
    from partners.models import Site
    from sla.business_time import BusinessCalendar

# What an approval is counted with while it is not known: half a working day.
APPROVAL_MINUTES: Final = 240
# Without a calendar, eight hours of work are a day.
_DAY_MINUTES: Final = 480


@dataclass(frozen=True, slots=True)
class Wish:
    """What a draft asks for: on top of the job's bundles, and less than they bring."""

    kind: str
    person_ids: tuple[int, ...]
    left_out: frozenset[int] = frozenset()
    extras: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One person: what they hold, what is on its way, what they would get and lose, and what must not be together."""

    person_id: int
    label: str
    job: str
    has: tuple[int, ...]
    coming: tuple[int, ...]
    gets: tuple[int, ...]
    loses: tuple[int, ...]
    conflicts: tuple[Conflict, ...]


@dataclass(frozen=True, slots=True)
class Decider:
    """Who decides at a stage: people by name, or the group; `nobody` if there is no such person."""

    kind: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AskedLine:
    """One entitlement of the request: for how many, through whom, and when it may be there."""

    entitlement: Entitlement
    people: int
    bundles: tuple[str, ...]
    is_extra: bool
    by_policy: bool
    stages: tuple[Decider, ...]
    ready_at: datetime | None

    @property
    def is_automatic(self) -> bool:
        """Whether a machine carries it out."""
        return self.entitlement.system.channel in {Channel.SCIM, Channel.WEBHOOK}


@dataclass(slots=True)
class Preview:
    """All that the form's third and fourth step show. `granted`: person -> entitlement -> version of the bundle or None."""

    people: list[PersonLine]
    asked: list[AskedLine]
    offered: list[AskedLine]
    entitlements: dict[int, Entitlement]
    granted: dict[int, dict[int, int | None]]
    slowest: AskedLine | None = None
    bundles: dict[str, list[AskedLine]] = field(default_factory=dict)

    @property
    def gets(self) -> int:
        """How many grants it comes to."""
        return sum(len(one.gets) for one in self.people)

    @property
    def loses(self) -> int:
        """How many removals it comes to."""
        return sum(len(one.loses) for one in self.people)

    @property
    def clashes(self) -> int:
        """How many conflicts there would be."""
        return sum(len(one.conflicts) for one in self.people)

    @property
    def is_empty(self) -> bool:
        """Whether nothing would change."""
        return not self.gets and not self.loses


def preview(site: "Site", wish: Wish, now: datetime) -> Preview:
    """What this wish comes to for people of the site."""
    found = plans(wish.person_ids, now)
    granted = {person: _granted(plan, wish) for person, plan in found.items()}
    clashes = _clashes(found, granted, wish, now)
    people = _people(site, found, granted, clashes, wish)
    ids = {one for line in people for part in (line.has, line.coming, line.gets, line.loses) for one in part}
    offered = _offered(found, wish)
    ids |= offered.keys() | wish.extras
    entitlements = Entitlement.objects.select_related("system__owner").in_bulk(sorted(ids))
    lines = _lines(site, offered, granted, entitlements, wish, now)
    asked = [line for line in lines if line.people and (line.is_extra or line.entitlement.pk not in wish.left_out)]
    timed = [line for line in asked if line.ready_at is not None]
    made = Preview(people, asked, lines, entitlements, granted, max(timed, key=_ready, default=None))
    for line in lines:
        for name in line.bundles:
            made.bundles.setdefault(name, []).append(line)
    return made


def _ready(line: AskedLine) -> datetime:
    assert line.ready_at is not None
    return line.ready_at


def _granted(plan: PersonPlan, wish: Wish) -> dict[int, int | None]:
    """What somebody would get: entitlement -> the bundle's version, None for what is asked for on top."""
    if wish.kind == RequestKind.LEAVER:
        return {}
    stays = (plan.has - plan.going) | plan.coming
    found: dict[int, int | None] = {one: None for one in wish.extras if one not in stays}
    if wish.kind != RequestKind.AD_HOC:
        for one, versions in plan.lacks.items():
            if one not in wish.left_out:
                found[one] = versions[0]
    return found


def _loses(plan: PersonPlan, wish: Wish) -> frozenset[int]:
    if wish.kind == RequestKind.LEAVER:
        return (plan.has | plan.coming) - plan.going
    return plan.surplus if wish.kind == RequestKind.MOVER else frozenset()


def _clashes(
    found: Mapping[int, PersonPlan], granted: Mapping[int, Mapping[int, int | None]], wish: Wish, now: datetime
) -> dict[int, list[Conflict]]:
    if wish.kind == RequestKind.LEAVER:
        return {}
    would = {
        person: (plan.has - plan.going - _loses(plan, wish)) | plan.coming | granted[person].keys()
        for person, plan in found.items()
    }
    clashes: dict[int, list[Conflict]] = defaultdict(list)
    for one in conflicts(would, now):
        clashes[one.person_id].append(one)
    return clashes


def _people(
    site: "Site",
    found: Mapping[int, PersonPlan],
    granted: Mapping[int, Mapping[int, int | None]],
    clashes: Mapping[int, list[Conflict]],
    wish: Wish,
) -> list[PersonLine]:
    labels, jobs = directory.person_labels(found.keys()), _jobs(site, found.keys())
    lines = [
        PersonLine(
            person, labels.get(person, ""), jobs.get(person, ""), tuple(sorted(plan.has)), tuple(sorted(plan.coming)),
            tuple(sorted(granted[person])), tuple(sorted(_loses(plan, wish))), tuple(clashes.get(person, ())),
        )
        for person, plan in found.items()
    ]  # fmt: skip
    return sorted(lines, key=lambda line: (not line.conflicts, line.label, line.person_id))


def _jobs(site: "Site", person_ids: Iterable[int]) -> dict[int, str]:
    rows = directory.placements_visible_to(SYSTEM).filter(site=site, person_id__in=set(person_ids))
    rows = rows.select_related("job_role", "programme").order_by("period", "pk")
    return {
        row.person_id: " · ".join(part.label for part in (row.job_role, row.programme) if part is not None)
        for row in rows
    }


def _offered(found: Mapping[int, PersonPlan], wish: Wish) -> dict[int, tuple[int, ...]]:
    """What may be asked for in this request: entitlement -> versions of bundles that bring it to somebody who lacks it."""
    offered: dict[int, tuple[int, ...]] = dict.fromkeys(wish.extras, ())
    if wish.kind in {RequestKind.JOINER, RequestKind.MOVER}:
        for plan in found.values():
            for one, versions in plan.lacks.items():
                offered[one] = tuple(dict.fromkeys((*offered.get(one, ()), *versions)))
    return offered


def _lines(
    site: "Site",
    offered: Mapping[int, tuple[int, ...]],
    granted: Mapping[int, Mapping[int, int | None]],
    entitlements: Mapping[int, Entitlement],
    wish: Wish,
    now: datetime,
) -> list[AskedLine]:
    versions = {version for some in offered.values() for version in some}
    bundles = BundleVersion.objects.select_related("bundle").in_bulk(sorted(versions))
    stages = _stages(site, [entitlements[pk] for pk in offered if pk in entitlements], now)
    add = _adder(site)
    lines = []
    for pk, some in offered.items():
        if pk not in entitlements:
            continue
        one = entitlements[pk]
        is_extra = pk in wish.extras
        by_policy = bool(some) and bundles[some[0]].bundle.birthright and not is_extra
        minutes = one.system.lead_minutes + (0 if by_policy else APPROVAL_MINUTES)
        people = sum(pk in gets for gets in granted.values())
        names = tuple(bundles[version].bundle.label for version in some)
        lines.append(
            AskedLine(one, people, names, is_extra, by_policy, () if by_policy else stages[pk], add(now, minutes))
        )
    return sorted(lines, key=lambda line: (line.entitlement.system.label, line.entitlement.label, line.entitlement.pk))


def _adder(site: "Site") -> "_Adder":
    calendar = None
    if site.calendar_id is not None:
        version = newest_versions([site.calendar_id]).get(site.calendar_id)
        calendar = calendars_for([version]).get(version) if version else None
    return _Adder(calendar)


@dataclass(frozen=True, slots=True)
class _Adder:
    """Adds business minutes to an instant."""

    calendar: "BusinessCalendar | None"

    def __call__(self, at: datetime, minutes: int) -> datetime | None:
        if self.calendar is None:
            return at + timedelta(days=minutes / _DAY_MINUTES)
        try:
            return self.calendar.add(at, minutes * 60)
        except (ValueError, OverflowError):
            return None


def _stages(site: "Site", entitlements: Collection[Entitlement], now: datetime) -> dict[int, tuple[Decider, ...]]:
    """Who decides about each of them, stage by stage. Five queries."""
    rules = {one.pk: one.rule_id or one.system.rule_id for one in entitlements}
    rows = ApprovalStage.objects.filter(rule__in={rule for rule in rules.values() if rule}).select_related("group")
    by_rule: dict[int, list[ApprovalStage]] = defaultdict(list)
    for row in rows.order_by("number"):
        by_rule[row.rule_id].append(row)
    managers = sorted(site_people([site.pk], Role.MANAGER, now).get(site.pk, ()))
    people = accounts.names_of(managers)
    manager = Decider(StageKind.SITE_MANAGER, tuple(people[pk].text for pk in managers if pk in people))
    found = {}
    for one in entitlements:
        stages = by_rule.get(rules[one.pk] or 0, ())
        found[one.pk] = tuple(_decider(stage, one, manager) for stage in stages) or (manager,)
    return found


def _decider(stage: ApprovalStage, entitlement: Entitlement, manager: Decider) -> Decider:
    if stage.kind == StageKind.SITE_MANAGER:
        return manager
    if stage.kind == StageKind.SYSTEM_OWNER:
        owner = entitlement.system.owner
        return Decider(stage.kind, (owner.name,) if owner else ())
    return Decider(stage.kind, (stage.group.label,) if stage.group else ())


def days_before(at: datetime, shift: datetime, zone: str) -> int:
    """How many days there are between being ready and the first shift, by the calendar of the place."""
    place = ZoneInfo(zone)
    return (shift.astimezone(place).date() - at.astimezone(place).date()).days
