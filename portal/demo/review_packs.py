"""Packs of the demo: schedules of all sites, weeks that both sides went through, one that waits, a revision, longer reviews."""

from collections.abc import Callable, Collection
from datetime import date, time, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from kpis.actions import exclusions, recompute
from kpis.choices import ExclusionReason, ExclusionState
from portal.accounts.rules import SYSTEM, Actor
from portal.demo.review_content import ANSWERED, SAID
from portal.demo.review_world import ONE_DAY, OWN, TWIN, World, user_id, weekday
from reviews.actions import freezing, jobs, making, packs
from reviews.choices import Format, PackState, Scope, Side
from reviews.queries import packs as queries
from reviews.queries.content import draft_hash
from reviews.queries.jobs import kinds_in_use
from reviews.queries.scope import packs_visible_to
from reviews.rules.standing import Place

if TYPE_CHECKING:
    from reviews.models import Pack

#: Weeks of packs at the first two sites, the newest not counted, and which of them (back from the newest) was revised.
WEEKS: Final = 5
REVISED: Final = 3
BOTH: Final = (Side.COMPANY, Side.PARTNER)
#: Sites at which everybody has acknowledged the newest pack, and whether it was published.
AGREED: Final = {"MNL": False, "KUL": True}


def plan_packs(world: World) -> None:
    """Write the story of the packs down."""
    diary, monday = world.diary, world.monday
    for code in world.sites:
        weeks = WEEKS if code in {OWN, TWIN} else 0
        diary.at(world.when(monday - timedelta(weeks=weeks, days=1), 9, site=code), _weekly(world, code))
    for week in range(WEEKS, -1, -1):
        for code in world.sites:
            diary.at(world.when(monday - timedelta(weeks=week), 8, 1, site=code), make_what_is_due)
        if week:
            _plan_lives(world, monday - timedelta(weeks=week))
    _plan_revision(world, monday - timedelta(weeks=REVISED))
    diary.at(world.when(monday, 10), lambda: _explain(world, TWIN))
    diary.at(world.when(monday, 11), lambda: _sign(world, TWIN, BOTH[:1]))
    for code in AGREED:
        diary.at(world.when(monday, 11, site=code), partial(_agree, world, code))
    _plan_longer(world)


def make_what_is_due() -> None:
    """What a tick does: make packs, and freeze their numbers."""
    making.make_packs()
    for pk in packs_visible_to(SYSTEM).filter(state=PackState.WAITING).order_by("pk").values_list("pk", flat=True):
        freezing.freeze(pk)


def pack_of(world: World, code: str, monday: date | None = None, kind: str = "weekly") -> "Pack":
    """The newest revision of a site's pack that was made on a Monday; of a longer one, the newest."""
    rows = (
        packs_visible_to(SYSTEM).filter(kind__code=kind, site=world.sites[code]).select_related("kind", "site__partner")
    )
    if kind == "weekly":
        rows = rows.filter(last_day=(monday or world.monday) - timedelta(days=1))
    return rows.order_by("-last_day", "-revision")[0]


def _weekly(world: World, code: str) -> Callable[[], object]:
    """The schedule of a site's weekly pack: Mondays at eight."""
    own = code in {OWN, TWIN}
    people = [world.coordinator(code), world.by("manager"), world.lead(code)]
    formats = list(Format.values) if own else [Format.PDF.value]
    return lambda: _schedule(world, world.coordinator(code), "weekly", world.place(code), people, formats, code)


def _schedule(
    world: World, actor: Actor, kind: str, place: Place, people: Collection[Actor], formats: list[str], code: str = ""
) -> int:
    """A schedule, which is read by these people."""
    scope = Scope.SITE if place.site_id else Scope.PARTNER if place.partner_id else Scope.NETWORK
    terms = jobs.Terms(
        weekday=0, days_after=3, at=time(8), time_zone=world.sites[code or OWN].time_zone, formats=formats,
        language="zh-hans" if code == TWIN else "en", recipients=[user_id(one) for one in people],
    )  # fmt: skip
    row = kinds_in_use().get(code=kind)
    return jobs.add_job(actor=actor, kind=row, scope=scope, place=place, terms=terms).pk


def _plan_lives(world: World, monday: date) -> None:
    """From the draft on Monday to the publication on Wednesday, at both sites."""
    for code in (OWN, TWIN):
        day = [monday + timedelta(days=n) for n in range(3)]
        world.diary.at(world.when(day[0], 11, 20), partial(_explain, world, code, monday))
        world.diary.at(world.when(day[1], 10, 5), partial(_answer, world, code, monday))
        world.diary.at(world.when(day[1], 16), partial(_sign, world, code, BOTH[:1], monday))
        world.diary.at(world.when(day[2], 9, 40), partial(_sign, world, code, BOTH[1:], monday))
        world.diary.at(world.when(day[2], 15), partial(_publish, world, code, monday))


def _plan_revision(world: World, monday: date) -> None:
    """A range of the week before turns out not to count; the pack that both have read is made anew, with its reason."""
    outage = monday - timedelta(days=6)
    later = [monday + timedelta(days=n) for n in range(3, 7)]
    world.diary.at(world.when(later[0], 9), lambda: _left_out(world, outage))
    world.diary.at(world.when(later[1], 10), lambda: _revise(world, monday))
    world.diary.at(world.when(later[1], 11), lambda: _agree(world, OWN, monday, answer=True))
    world.diary.at(world.when(later[1], 15), lambda: _publish(world, OWN, monday))


def _plan_longer(world: World) -> None:
    """The month at two sites: one waits for its lead, one is out; the quarter of their partner; the week of the network.

    Asked for on the last workday, so that they are newer than the last ops call whatever day the demo is built on.
    """
    day = weekday(world.today - ONE_DAY, -ONE_DAY)
    manager, formats = world.by("manager"), list(Format.values)
    for code in (OWN, TWIN):
        place, people = world.place(code), [manager, world.lead(code)]
        world.diary.at(
            world.when(day, 13),
            partial(_scheduled_now, world, manager, "monthly", place, people, formats, code),
        )
    partner, network = Place(None, world.sites[OWN].partner_id), Place()
    world.diary.at(
        world.when(day, 13, 30),
        partial(_scheduled_now, world, manager, "quarterly", partner, [manager], formats),
    )
    world.diary.at(
        world.when(day, 14),
        partial(_scheduled_now, world, manager, "weekly", network, [manager], formats),
    )
    for code in (OWN, TWIN):
        world.diary.at(world.when(day, 15), partial(_explain, world, code, kind="monthly"))
    world.diary.at(world.when(day, 16), lambda: _sign(world, OWN, BOTH[:1], kind="monthly"))
    world.diary.at(world.when(day, 16), lambda: _sign(world, TWIN, BOTH, kind="monthly"))
    world.diary.at(world.when(day, 17), lambda: _publish(world, TWIN, kind="monthly"))


def _scheduled_now(
    world: World, actor: Actor, kind: str, place: Place, people: Collection[Actor], formats: list[str], code: str = ""
) -> None:  # fmt: skip
    """The same, with the pack of the last period at once."""
    job_id = _schedule(world, actor, kind, place, people, formats, code)
    pack, _new = jobs.make_now(actor=actor, job_id=job_id)
    freezing.freeze(pack.pk)


def _explain(world: World, code: str, monday: date | None = None, kind: str = "weekly") -> None:
    """The coordinator comments on every exception."""
    pack = pack_of(world, code, monday, kind)
    said = SAID["zh" if code == TWIN else "en"]
    for line in queries.unexplained(pack).select_related("kpi").order_by("pk"):
        texts = said.get(line.kpi.code if line.kpi else "", said[""])
        text = texts[pack.first_day.toordinal() // 7 % len(texts)]
        packs.comment(actor=world.coordinator(code), pack_id=pack.pk, text=text, line_id=line.pk)


def _answer(world: World, code: str, monday: date) -> None:
    """The site's lead says something of the whole draft."""
    text = ANSWERED["zh" if code == TWIN else "en"]
    packs.comment(actor=world.lead(code), pack_id=pack_of(world, code, monday).pk, text=text)


def _sign(
    world: World, code: str, sides: Collection[str], monday: date | None = None, kind: str = "weekly"
) -> None:  # fmt: skip
    """These sides acknowledge what they read."""
    pack = pack_of(world, code, monday, kind)
    for side in sides:
        actor = world.coordinator(code) if side == Side.COMPANY else world.lead(code)
        packs.acknowledge(actor=actor, pack_id=pack.pk, seen=draft_hash(pack))


def _publish(world: World, code: str, monday: date | None = None, kind: str = "weekly") -> None:
    pack = pack_of(world, code, monday, kind)
    packs.publish(actor=world.by("manager"), pack_id=pack.pk, seen=draft_hash(pack))


def _agree(world: World, code: str, monday: date | None = None, *, answer: bool = False) -> None:
    """Everything up to publication in one sitting; published at once where nobody is waited for."""
    _explain(world, code, monday)
    if answer and monday:
        _answer(world, code, monday)
    _sign(world, code, BOTH, monday)
    if AGREED.get(code):
        _publish(world, code, monday)


def _left_out(world: World, day: date) -> None:
    """The lead asks that an outage does not count, and the manager agrees."""
    held = exclusions.propose(
        actor=world.lead(OWN), site=world.sites[OWN], queue=None, since=world.when(day, 13), until=world.when(day, 16),
        reason=ExclusionReason.OUTAGE, note="The case desk was down from one to four; the vendor's report is attached to the ticket.",
    )  # fmt: skip
    exclusions.decide(actor=world.by("manager"), pk=held.pk, verdict=ExclusionState.APPROVED)
    while recompute():
        pass


def _revise(world: World, monday: date) -> None:
    pack = pack_of(world, OWN, monday)
    reason = "The outage of Tuesday afternoon does not count, as both sides agreed."
    made = packs.revise(actor=world.by("manager"), pack_id=pack.pk, reason=reason)
    freezing.freeze(made.pk)
