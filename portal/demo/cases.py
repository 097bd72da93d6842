"""About 3,000 cases in every state, worked through the same actions as people use, at instants of the last weeks."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction

from escalations.actions import add_note, assign, create_case, log_contact, mark_step, merge, set_state
from escalations.choices import Channel, Direction, Outcome, Reject, Sensitivity, Signal, Urgency, Verb
from portal.accounts.rules import Actor
from portal.demo.content import INBOUND, ISSUES, NOTES, OPENERS, REPLIES, TWICE, IssueFacts
from portal.demo.knowledge import Learned, learned_of
from portal.demo.law import EVERY, complain
from portal.demo.people import Cast
from portal.demo.playbooks import plan_of

SEED = 20260904
HOUR = 60
DAY = 24 * HOUR
# How a case ends up: weight, youngest and oldest age in minutes.
GOALS: dict[str, tuple[int, int, int]] = {
    "new": (7, 1, 2 * HOUR),
    "triaged": (6, 30, 5 * HOUR),
    "in_progress": (15, 2 * HOUR, 30 * HOUR),
    "waiting_customer": (6, 4 * HOUR, 3 * DAY),
    "waiting_third_party": (4, 4 * HOUR, 5 * DAY),
    "resolved": (12, 5 * HOUR, 6 * DAY),
    "closed": (45, 2 * DAY, 25 * DAY),
    "reopened": (2, 1 * DAY, 4 * DAY),
    "rejected": (3, 2 * HOUR, 20 * DAY),
    "merged": (2, 8 * HOUR, 20 * DAY),
}
UNDER_WAY = {"in_progress", "waiting_customer", "waiting_third_party"}
CHANNELS = (Channel.PHONE, Channel.EMAIL, Channel.CHAT, Channel.SOCIAL, Channel.MESSAGING)
CONFIDENTIAL_SHARE, RESTRICTED_SHARE = 0.04, 0.008

type Step = Callable[[datetime], object]


@dataclass(frozen=True, slots=True)
class World:
    """What cases are made from: ids, and who acts."""

    cast: Cast
    sites: list[int]
    services: dict[str, int]
    issues: dict[tuple[str, str, str], int]


@dataclass(frozen=True, slots=True)
class Players:
    """Who takes part in one case; `again`: the same customer raises the same matter once more, at an instant; `plan`: the
    steps of its playbook, with what is said of them; `learned`: what comes to be known of it."""

    coordinator: Actor
    owner: Actor
    again: Callable[[datetime], int]
    plan: Sequence[tuple[str, Mapping[str, str]]]
    learned: Sequence[Learned]


def customer_ref(number: int) -> str:
    """The reference by which a case of the demo is known to have been built."""
    return f"C-{7_700_000 + number}"


@transaction.atomic
def build_case(world: World, number: int, now: datetime) -> None:
    """Raise and work one case, whole or not at all; steps that would lie in the future are left undone. One that somebody
    raises twice comes as two cases."""
    rng = random.Random(f"{SEED} {number}")
    names = list(GOALS)
    goal = rng.choices(names, [GOALS[name][0] for name in names])[0]
    _weight, low, high = GOALS[goal]
    # Squared: most cases of a state are young.
    opened = now - timedelta(minutes=low + (high - low) * rng.random() ** 2)
    facts, site = rng.choice(ISSUES), rng.choice(world.sites)
    service = world.services[facts.service]
    sensitivity = _sensitivity(rng)
    team = world.cast.associates[service]
    owner = team[0] if sensitivity == Sensitivity.RESTRICTED else rng.choice(team)
    raiser = rng.choice(world.cast.raisers[site]) if sensitivity == Sensitivity.STANDARD else owner
    ref = _raise(world, rng, number, facts, Raised(site, raiser, sensitivity, opened))
    if goal in UNDER_WAY and number % EVERY == 0:
        complain(owner, ref, number, opened)
    standard = sensitivity == Sensitivity.STANDARD
    players = Players(
        world.cast.coordinators[site] if standard else team[0],
        owner,
        lambda at: _raise(world, rng, number, facts, Raised(site, raiser, sensitivity, at)),
        plan_of(facts.path),
        list(learned_of(f"{SEED} {number} learned")),
    )
    at = opened
    for wait, step in _steps(rng, goal, ref, players):
        at += timedelta(minutes=wait)
        if at >= now:
            return
        step(at)


def _sensitivity(rng: random.Random) -> str:
    drawn = rng.random()
    if drawn < RESTRICTED_SHARE:
        return Sensitivity.RESTRICTED
    return Sensitivity.CONFIDENTIAL if drawn < RESTRICTED_SHARE + CONFIDENTIAL_SHARE else Sensitivity.STANDARD


@dataclass(frozen=True, slots=True)
class Raised:
    """Where a case comes from, who raises it, how sensitive it is, and when."""

    site_id: int
    raiser: Actor
    sensitivity: str
    at: datetime


def _raise(world: World, rng: random.Random, number: int, facts: IssueFacts, raised: Raised) -> int:
    urgency = rng.choices([Urgency.NOW, Urgency.TODAY, Urgency.WEEK], [1, 3, 4])[0]
    signals = [Signal.STRANDED] if facts.path[2] == "Locked out" and rng.random() < 0.3 else []
    case = create_case(
        actor=raised.raiser,
        service_id=world.services[facts.service],
        site_id=raised.site_id,
        subject=rng.choice(facts.subjects),
        description=rng.choice(OPENERS),
        issue_type_id=world.issues[facts.path],
        channel=rng.choice(CHANNELS),
        customer_ref=customer_ref(number),
        contact_hint=rng.choice(["Chat, then phone after 14:00", "E-mail only", "短信，下午两点之后", ""]),
        impact=facts.impact,
        urgency=urgency,
        signals=signals,
        sensitivity=raised.sensitivity,
        at=raised.at,
    )
    return case.pk


def _steps(rng: random.Random, goal: str, ref: int, who: Players) -> Iterator[tuple[float, Step]]:
    """What people do one after the other: minutes to wait, then the act."""
    if goal == "new":
        return
    if goal == "rejected":
        yield _wait(rng, 45), lambda at: _state(who.coordinator, ref, Verb.REJECT, at, rng.choice(list(Reject)))
        return
    yield _wait(rng, 25), lambda at: _state(who.coordinator, ref, Verb.TRIAGE, at)
    if goal == "triaged":
        return
    yield 3, lambda at: assign(actor=who.coordinator, ref=ref, owner_id=who.owner.user_id, at=at)
    yield _wait(rng, 20), lambda at: _state(who.owner, ref, Verb.START, at)
    for learned in who.learned:
        yield 1, partial(learned, who.owner, ref)
    yield from _talk(rng, ref, who)
    yield from _along(goal, ref, who)
    yield from _ending(rng, goal, ref, who)


def _talk(rng: random.Random, ref: int, who: Players) -> Iterator[tuple[float, Step]]:
    yield _wait(rng, 30), lambda at: _contact(rng, who.owner, ref, Direction.OUTBOUND, at)
    for _ in range(rng.choice([0, 0, 1, 1, 2])):
        if rng.random() < 0.6:
            yield (
                _wait(rng, 90),
                lambda at: add_note(actor=who.owner, ref=ref, text=rng.choice(NOTES), shared=rng.random() < 0.4, at=at),
            )
        yield _wait(rng, 120), lambda at: _contact(rng, who.owner, ref, Direction.INBOUND, at)
        if rng.random() < 0.75:
            yield _wait(rng, 60), lambda at: _contact(rng, who.owner, ref, Direction.OUTBOUND, at)


def _along(goal: str, ref: int, who: Players) -> Iterator[tuple[float, Step]]:
    """The steps of its playbook: half of them where the work goes on, all where it came to an end."""
    plan = who.plan[: len(who.plan) // 2] if goal in UNDER_WAY else who.plan
    for key, said in plan:
        yield 2, _doing(who.owner, ref, key, said)


def _doing(actor: Actor, ref: int, key: str, said: Mapping[str, str]) -> Step:
    answer, text = said.get("answer", ""), said.get("text", "")
    return lambda at: mark_step(actor=actor, ref=ref, step=key, what="done", answer=answer, text=text, at=at)


def _ending(rng: random.Random, goal: str, ref: int, who: Players) -> Iterator[tuple[float, Step]]:
    if goal == "waiting_customer" or (goal in {"closed", "resolved"} and rng.random() < 0.2):
        yield _wait(rng, 30), lambda at: _state(who.owner, ref, Verb.WAIT_CUSTOMER, at)
    if goal == "merged":
        yield _wait(rng, 2 * HOUR), lambda at: _merge(rng, who, ref, at)
    if goal == "waiting_third_party":
        yield _wait(rng, 30), lambda at: _state(who.owner, ref, Verb.WAIT_THIRD_PARTY, at)
    if goal not in {"resolved", "closed", "reopened"} and not (goal == "merged" and rng.random() < 0.5):
        return
    yield _wait(rng, 4 * HOUR), lambda at: _state(who.owner, ref, Verb.RESOLVE, at)
    if goal == "closed":
        yield _wait(rng, DAY), lambda at: _state(who.owner, ref, Verb.CLOSE, at)
    if goal == "reopened":
        yield _wait(rng, 8 * HOUR), lambda at: _state(who.owner, ref, Verb.REOPEN, at)
        yield _wait(rng, 20), lambda at: _contact(rng, who.owner, ref, Direction.OUTBOUND, at)


def _wait(rng: random.Random, typical: float) -> float:
    """Minutes until the next act; sometimes much longer than it should be."""
    return typical * (0.2 + rng.expovariate(1.0))


def _state(actor: Actor, ref: int, verb: str, at: datetime, reject_reason: str = "") -> object:
    return set_state(actor=actor, ref=ref, verb=verb, reject_reason=reject_reason, reason=_why(verb), at=at)


def _merge(rng: random.Random, who: Players, ref: int, at: datetime) -> object:
    """The second case of one matter ends in the first, a while after it came in."""
    twin = who.again(at - timedelta(minutes=rng.uniform(5, 40)))
    return merge(actor=who.owner, source=twin, target=ref, reason=rng.choice(TWICE), at=at)


def _why(verb: str) -> str:
    return "Not for this service." if verb == Verb.REJECT else ""


def _contact(rng: random.Random, actor: Actor, ref: int, direction: str, at: datetime) -> object:
    out = direction == Direction.OUTBOUND
    return log_contact(
        actor=actor,
        ref=ref,
        channel=rng.choice(CHANNELS),
        direction=direction,
        outcome=Outcome.SENT if out else Outcome.RECEIVED,
        text=rng.choice(REPLIES if out else INBOUND),
        at=at,
    )
