"""Two cases that are one matter: the source ends, the target goes on with the promises and the protection of both."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction
from django.http import Http404
from django.utils import timezone

from escalations import access, queries, rules
from escalations.choices import Entry, Reason, Sensitivity, Signal, State, Verb
from escalations.models import Case, CaseGrant, Watcher
from escalations.queries.people import seeing_pairs
from portal.accounts.rules import Actor

from . import clocks
from ._base import Outcome, Refused, add_entry, add_reason, moment, required, save, stale, trail, words
from .assign import able_owner, can_own
from .change import mark, release_unable_owner
from .keeping import held_until
from .overtaking import end_talks
from .severity import Judgement, judge
from .state import shift
from .telling import tell


def merge(
    *,
    actor: Actor,
    source: str | int,
    target: str | int,
    reason: str,
    expected_version: int | None = None,
    at: datetime | None = None,
) -> Outcome:
    """End the source in the target; `expected_version` is the source's. The outcome holds the target. For good.

    The source's clocks are cancelled and the target owes the earlier of both. The target takes the higher sensitivity,
    the graver severity and the higher escalation level; watchers and the source's owner watch it, as far as they may
    see it. Entries stay where they are; the target's stream reads them too. Owners and watchers of both are told.
    Raises Refused, Stale, Http404.
    """
    when = moment(at)
    why = words(reason, needed=Reason.REASON_NEEDED)
    with _both(actor, source, target) as (ending, staying):
        if expected_version is not None and ending.version != expected_version:
            raise stale(ending)
        leaving, taking = check_merge(actor, ending, staying)
        _end(leaving, ending, staying, when)
        add_reason(ending, leaving, when, why)
        _take_over(taking, ending, staying, when)
        _gather(ending, staying, when)
        entry = _tell(taking, ending, staying, when)
        payload = {"case": staying.pk, "merged": ending.pk, "by": actor.user_id}
        tell("case.merged", str(entry), payload)
        return Outcome(staying)


@contextmanager
def _both(actor: Actor, source: str | int, target: str | int) -> Iterator[tuple[Case, Case]]:
    """Both cases, and those merged into the source before, locked in order of their numbers and read again."""
    ids = [access.case_id(source), access.case_id(target)]
    known = {pk for pk in ids if pk is not None}
    with transaction.atomic():
        wanted = known | set(_merged_into(ids[0]))
        rows = Case.objects.filter(pk__in=wanted).order_by("pk").select_for_update(no_key=True)
        list(rows.values_list("pk", flat=True))
        found = {pk: access.get_case(actor, pk, for_update=True) for pk in sorted(known)}
        if len(found) < len(set(ids)):
            raise Http404
        pair = (found[ids[0] or 0], found[ids[1] or 0])
        # Somebody merged another one into the source while the locks were waited for.
        if not set(_merged_into(ids[0])) <= wanted:
            raise stale(pair[0])
        yield pair


def _merged_into(pk: int | None) -> list[int]:
    return list(Case.objects.filter(merged_into=pk).values_list("pk", flat=True)) if pk else []


def check_merge(actor: Actor, source: Case, target: Case) -> tuple[Actor, Actor]:
    """The actor under the standings by which they work the source and the target. Raises Refused; of a target that was
    merged itself it names the survivor, to those who may see it."""
    facts, others = queries.facts_of(actor, source), queries.facts_of(actor, target)
    verdict = rules.can_merge(actor, facts, others)
    if isinstance(verdict, rules.Denied) and verdict.code == Reason.TARGET_MERGED:
        survivor = queries.survivor_of(actor, target)
        if survivor is not None and survivor.pk != source.pk:
            raise Refused(Reason.TARGET_MERGED_INTO, ref=survivor.ref)
    return required(actor, verdict), required(actor, rules.may_work(actor, others))


def _end(acting: Actor, case: Case, survivor: Case, at: datetime) -> None:
    """The source ends and points on, and so does whatever pointed to it."""
    before = case.state
    case.state, case.merged_into = State.MERGED, survivor
    save(case, at, "state", "merged_into_id")
    params = {"verb": "merge", "from": str(before), "to": State.MERGED.value}
    add_entry(case, acting, Entry.STATE, "state.changed", at, params=params, internal=False)
    add_entry(case, acting, Entry.LINK, "link.merged_into", at, params={"case": survivor.pk}, internal=False)
    trail(acting, "case.merged", case, {"from": str(before), "into": survivor.pk})
    end_talks([case.pk], at)
    for earlier in Case.objects.filter(merged_into=case).order_by("pk").defer("search"):
        earlier.merged_into = survivor
        save(earlier, at, "merged_into_id")
        trail(acting, "case.merged", earlier, {"into": survivor.pk})


def _take_over(acting: Actor, case: Case, survivor: Case, at: datetime) -> None:
    """What the survivor owes and how it is protected from now on: the stricter of both, each by itself."""
    _protect(acting, case, survivor, at)
    if graver := _graver(case, survivor):
        judge(acting, survivor, graver, at)
    # As when the customer writes: where they wait for us, we do not wait for them.
    if survivor.state == State.WAITING_CUSTOMER and clocks.owes_reply(case):
        shift(acting, survivor, Verb.RESUME.value, at, auto=True)
    survivor.cycle = max(survivor.cycle, clocks.merged(acting, case, survivor, at))
    survivor.escalation_level = max(survivor.escalation_level, case.escalation_level)
    save(survivor, at, "cycle", "escalation_level")


def _protect(acting: Actor, case: Case, survivor: Case, at: datetime) -> None:
    level = rules.higher_sensitivity(case.sensitivity, survivor.sensitivity)
    if level == survivor.sensitivity:
        return
    keep, until = _keeping(acting, case, survivor, at) if level == Sensitivity.RESTRICTED else (set(), {})
    mark(acting, survivor, level, at, keep=keep, until=until)
    release_unable_owner(acting, survivor, at)


def _keeping(
    acting: Actor, case: Case, survivor: Case, at: datetime
) -> tuple[set[int | None], dict[int, datetime | None]]:
    """Who goes on seeing the survivor of a restricted case, and until when. Other grants do not travel: they are whoever
    works one of the two and could work the survivor so far. Nobody has more by it than they had: what ends for the source
    ends for both, and whom somebody let out of the one is not let in by the other."""
    known = {acting.user_id, case.owner_id, survivor.owner_id}
    until = held_until(case, known, at)
    owner = case.owner_id if case.owner_id in until and can_own(survivor, case.owner_id) else None
    let_out = CaseGrant.objects.filter(case=case, user=survivor.owner_id).exclude(revoked_at=None)
    own = None if survivor.owner_id not in until and let_out.exists() else able_owner(survivor)
    return {acting.user_id, owner, own}, until


def _graver(case: Case, survivor: Case) -> Judgement | None:
    """The graver judgement of both, with the signals of both; None if that is the survivor's own."""
    worse = min(survivor, case, key=lambda one: (one.severity, not one.signals))
    if worse is survivor and set(case.signals) <= set(survivor.signals):
        return None
    signals = tuple(signal for signal in Signal.values if signal in {*case.signals, *survivor.signals})
    return Judgement(worse.severity, worse.impact, worse.urgency, signals, worse.severity_overridden, "")


def _gather(case: Case, survivor: Case, at: datetime) -> None:
    """Watchers of the source, and its owner, watch the survivor, as far as they may see it."""
    wanted = set(Watcher.objects.filter(case=case).values_list("user_id", flat=True)) | {case.owner_id}
    wanted -= {None, survivor.owner_id}
    seeing, _cases = seeing_pairs({(user, survivor.pk) for user in wanted if user}, timezone.now())
    joining = [Watcher(case=survivor, user_id=user, since=at) for user, _case in sorted(seeing)]
    Watcher.objects.bulk_create(joining, ignore_conflicts=True)


def _tell(acting: Actor, case: Case, survivor: Case, at: datetime) -> int:
    """The survivor's side of the story. Returns its entry."""
    entry = add_entry(survivor, acting, Entry.LINK, queries.LINKED, at, params={"case": case.pk}, internal=False)
    trail(acting, "case.took_in", survivor, {"merged": case.pk})
    return entry.pk
