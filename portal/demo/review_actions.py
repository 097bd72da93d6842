"""Actions of the demo, one in every state: open, due soon, overdue, done, verified with an effect seen, not seen, too early to say."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Final

from escalations.choices import Sensitivity, State
from escalations.queries import visible_to
from kpis.rules.periods import containing
from portal.accounts.rules import SYSTEM, Actor
from portal.demo.review_meetings import CALIBRATION, CALL, call_days
from portal.demo.review_packs import pack_of
from portal.demo.review_visits import HEADSETS, finding_of
from portal.demo.review_world import ONE_DAY, OWN, TWIN, World, user_id
from reviews.access.sources import get_source
from reviews.actions import actions
from reviews.queries.scope import actions_visible_to, engagements_visible_to

#: The week, counted back from the last Monday, in which what was tried weeks ago was done; its effect begins with the next one.
TRIED: Final = 6


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do at a site: who raises and who owns it, by when, and the KPI that it is to move."""

    title: str
    code: str
    by: Actor
    owner: Actor
    due: datetime
    text: str = ""
    kpi: str = ""
    change: str = ""


def plan_actions(world: World) -> None:
    """Write the story of the actions down."""
    _plan_tried(world)
    _plan_open(world)
    _plan_done(world)
    _plan_elsewhere(world)


def _plan_tried(world: World) -> None:
    """Done weeks ago or days ago, and verified by the other side: one worked, one did not, one is too fresh."""
    ours, lead = world.coordinator(OWN), world.lead(OWN)
    week = world.monday - timedelta(weeks=TRIED)
    begun, done = week - 10 * ONE_DAY, week + 2 * ONE_DAY
    cell = containing("week", begun - timedelta(weeks=1)).key
    for title, kpi, change, evidence, looked in (
        ("Reply macros for both programmes", "productivity", "0.3", "Macros are out; 46 of 54 agents used them on day one.",
         "Seen in five calls."),
        ("Move breaks out of the evening peak", "service-level", "0.03", "Rosters from Monday on have no break from 19:00 to 21:00.",
         "Rosters of both teams looked at."),
    ):  # fmt: skip
        task = Task(title, OWN, ours, lead, world.when(done + ONE_DAY, 18), kpi=kpi, change=change)
        _plan(world, world.when(begun, 15), task, partial(str, f"scorecard:{OWN}:{kpi}:{cell}"))
        _plan_finish(world, task, lead, world.when(done, 17), evidence)
        _plan_verify(world, task, ours, world.when(done + 2 * ONE_DAY, 11), looked)
    fresh = Task(
        "Go through three closings in every calibration",
        OWN,
        ours,
        world.by("qa"),
        world.ago(7, 18),
        kpi="qa",
        change="0.02",
    )
    _plan(world, world.ago(24, 15), fresh)
    _plan_finish(world, fresh, world.by("qa"), world.ago(9, 16), "On the agenda of the last two sessions.")
    _plan_verify(world, fresh, ours, world.ago(8, 11), "Was there.")


def _plan_open(world: World) -> None:
    """What waits for the lead: in time, due tomorrow, overdue; and what waits for the company."""
    ours, lead, manager = world.coordinator(OWN), world.lead(OWN), world.by("manager")
    last = call_days(world)[-2]
    called = world.when(last, 10, 40)
    _plan(world, called, Task("Names of the seven who come back from the holiday desk", OWN, ours, lead, world.ago(-1, 18),
                              "One line each: name, day, team."), lambda: _meeting(last))  # fmt: skip
    _plan(world, called, Task("Ask the vendor for a second line to the case desk", OWN, ours, manager, world.ago(-5, 18)),
          lambda: _meeting(last))  # fmt: skip
    headsets = Task(
        "Buy eleven headsets", OWN, ours, lead, world.ago(2, 18), "For rows B and C; see the photo of the visit."
    )
    _plan(world, world.ago(8, 12), headsets, lambda: f"finding:{finding_of(HEADSETS).pk}")
    peak = Task(
        "Staff the evening peak to the forecast", OWN, ours, lead, world.ago(-9, 18), kpi="service-level", change="0.05"
    )
    _plan(world, world.when(world.monday - 4 * ONE_DAY, 16), peak, lambda: _line(world))
    offer = Task("Offer one weekend in three free, known a month ahead", OWN, ours, world.by("qa"), world.ago(-20, 18))
    _plan(world, world.ago(3, 11), offer)
    world.diary.at(
        world.ago(2, 9),
        lambda: actions.take(actor=manager, ref=_pk("Ask the vendor for a second line to the case desk")),
    )


def _plan_done(world: World) -> None:
    """Done and to be verified, by either side; sent back; given up."""
    ours, lead, manager = world.coordinator(OWN), world.lead(OWN), world.by("manager")
    knowledge = Task("Bring five host articles up to date", OWN, ours, lead, world.ago(-2, 18))
    _plan(world, world.ago(15, 11), knowledge)
    _plan_finish(
        world, knowledge, lead, world.ago(1, 16), "Five articles, reviewed by the host team; list in the folder."
    )
    banner = Task(
        "Say in the help centre how long a refund takes", OWN, lead, manager, world.ago(-4, 18), kpi="nps", change="3"
    )
    _plan(world, world.ago(16, 11), banner)
    _plan_finish(
        world, banner, manager, world.ago(1, 17), "The page says ten working days since Thursday, in nine languages."
    )
    badge = Task("Lock screens after two minutes", OWN, ours, lead, world.ago(5, 18))
    _plan(world, world.ago(19, 11), badge)
    _plan_finish(world, badge, lead, world.ago(7, 16), "Set on the floor.")
    world.diary.at(
        world.ago(6, 10),
        lambda: actions.send_back(
            actor=ours, ref=_pk(badge.title), text="Row C still waits ten minutes.", due_at=world.ago(-7, 18)
        ),
    )
    desk = Task("Try a second wallboard in the corridor", OWN, ours, lead, world.ago(10, 18))
    _plan(world, world.ago(25, 11), desk)
    world.diary.at(
        world.ago(14, 10),
        lambda: actions.drop(actor=ours, ref=_pk(desk.title), text="The landlord allows no cables there."),
    )


def _plan_elsewhere(world: World) -> None:
    """At other sites, one of them out of a case."""
    ours = world.coordinator(TWIN)
    summary = Task("小结必填写进质检表", TWIN, ours, world.by("qa3.dlc"), world.ago(-6, 18), kpi="qa", change="0.04")
    _plan(world, world.ago(5, 11), summary, lambda: _meeting(title=CALIBRATION))
    coach = Task("每位组长每周旁听两通", TWIN, ours, world.lead(TWIN), world.ago(3, 18))
    _plan(world, world.ago(13, 11), coach)
    west = world.coordinator("LIS")
    _plan(
        world,
        world.ago(9, 15),
        Task("Portuguese wording of the refund promise", "LIS", west, world.lead("LIS"), world.ago(1, 18)),
    )
    for code in ("MNL", "KUL", "PEN", "CEB"):
        asian = world.coordinator(code)
        if found := _case(asian, world.sites[code].pk):
            _plan(world, world.ago(2, 15), Task("Tell hosts of this building about the new key box", code, asian, asian, world.ago(-3, 18)),
                  lambda: f"case:{found}")  # fmt: skip
            return


def _plan(world: World, at: datetime, task: Task, source: Callable[[], str] = str) -> None:
    """Write down that it is raised, out of a source that is there by then."""

    def act() -> None:
        origin = get_source(task.by, source())
        wording = actions.Wording(
            title=task.title, owner_id=user_id(task.owner), due_at=task.due, text=task.text,
            kpi_id=world.kpis[task.kpi] if task.kpi else None, expected_change=Decimal(task.change) if task.change else None,
        )  # fmt: skip
        actions.raise_action(actor=task.by, place=world.place(task.code), wording=wording, origin=origin)

    world.diary.at(at, act)


def _plan_finish(world: World, task: Task, actor: Actor, at: datetime, evidence: str) -> None:
    world.diary.at(at, lambda: actions.done(actor=actor, ref=_pk(task.title), evidence=evidence))


def _plan_verify(world: World, task: Task, actor: Actor, at: datetime, text: str) -> None:
    world.diary.at(at, lambda: actions.verify(actor=actor, ref=_pk(task.title), text=text))


def _pk(title: str) -> int:
    return actions_visible_to(SYSTEM).get(title=title).pk


def _meeting(day: date | None = None, title: str = CALL) -> str:
    """A meeting of a series, the newest that was held unless a day is named."""
    rows = engagements_visible_to(SYSTEM).filter(
        series__title=title, **({"occurrence": day} if day else {"held_at__isnull": False})
    )
    return f"meeting:{rows.order_by('-starts_at')[0].pk}"


def _line(world: World) -> str:
    """The service level of the week before the newest, at the first site."""
    pack = pack_of(world, OWN, world.monday - timedelta(weeks=1))
    return f"pack:{pack.lines.get(section='scorecard', kpi__code='service-level').pk}"


def _case(actor: Actor, site_id: int) -> str:
    """A case of a site that is under way and no secret."""
    rows = visible_to(actor).filter(site=site_id, sensitivity=Sensitivity.STANDARD, state=State.IN_PROGRESS)
    found = rows.order_by("pk").first()
    return found.ref if found else ""
