"""Kinds of notification about cases: their words, and who may still read them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from escalations import notices_handing as handing
from escalations import queries
from escalations.choices.evidence import PackState
from escalations.choices.statutory import metric_label
from escalations.models import Case, ShiftHandover
from escalations.queries import audience, audience_evidence, audience_handing
from escalations.queries.briefs import copies_open_to
from escalations.queries.due import internal_metric
from portal.accounts.rules import Actor
from portal.notifications.registry import NotificationKind, register_kind, seen_in_part

if TYPE_CHECKING:
    from portal.notifications.models import Notification

Params = Mapping[str, Any]


def _metric(params: Params) -> str:
    return metric_label(str(params.get("metric", ""))).lower()


def _assigned(p: Params, count: int) -> str:
    if count == 1 and p:
        return _("%(ref)s was assigned to you") % {"ref": p.get("ref", "")}
    return ngettext("%(n)d case was assigned to you", "%(n)d cases were assigned to you", count) % {"n": count}


def _warned(p: Params, count: int) -> str:
    if count == 1 and p:
        words = {"ref": p.get("ref", ""), "metric": _metric(p), "percent": p.get("threshold", "")}
        return _("%(ref)s: %(percent)s%% of the time for %(metric)s used") % words
    return ngettext("%(n)d clock falls due soon", "%(n)d clocks fall due soon", count) % {"n": count}


def _breached(p: Params, count: int) -> str:
    if count == 1 and p:
        return _("%(ref)s: %(metric)s breached") % {"ref": p.get("ref", ""), "metric": _metric(p)}
    return ngettext("%(n)d clock breached", "%(n)d clocks breached", count) % {"n": count}


def _clock_escalated(p: Params, count: int) -> str:
    if count == 1 and p:
        words = {"ref": p.get("ref", ""), "metric": _metric(p), "level": p.get("threshold", "")}
        return _("%(ref)s: %(metric)s breached, escalation level %(level)s") % words
    return ngettext("%(n)d breach was escalated", "%(n)d breaches were escalated", count) % {"n": count}


def _escalated(p: Params, count: int) -> str:
    if count == 1 and p:
        return _("%(ref)s was escalated to level %(level)s") % {"ref": p.get("ref", ""), "level": p.get("level", "")}
    return ngettext("%(n)d case was escalated", "%(n)d cases were escalated", count) % {"n": count}


def _broken(p: Params, count: int) -> str:
    if count == 1 and p:
        return _("%(ref)s: somebody broke the glass") % {"ref": p.get("ref", "")}
    return ngettext("The glass was broken for %(n)d case", "The glass was broken for %(n)d cases", count) % {"n": count}


def _granted(p: Params, count: int) -> str:
    if count == 1 and p:
        return _("You may now see %(ref)s") % {"ref": p.get("ref", "")}
    return ngettext("You may now see %(n)d more case", "You may now see %(n)d more cases", count) % {"n": count}


def _merged(p: Params, count: int) -> str:
    if count == 1 and p:
        text = _("%(ref)s was merged into another case") if p.get("ended") else _("A case was merged into %(ref)s")
        return text % {"ref": p.get("ref", "")}
    return ngettext("%(n)d case was merged", "%(n)d cases were merged", count) % {"n": count}


def _shift(p: Params, count: int) -> str:
    if count == 1 and p:
        words = {"name": p.get("by", ""), "n": int(p.get("cases", 0))}
        text = ngettext("%(name)s hands over %(n)d case to you", "%(name)s hands over %(n)d cases to you", words["n"])
        return text % words
    return ngettext("%(n)d shift was handed over to you", "%(n)d shifts were handed over to you", count) % {"n": count}


def _briefed(p: Params, count: int) -> str:
    if count == 1 and p:
        return _("You were given a brief of %(ref)s") % {"ref": p.get("ref", "")}
    return ngettext("You were given %(n)d brief", "You were given %(n)d briefs", count) % {"n": count}


def _packed(p: Params, count: int) -> str:
    if count == 1 and p:
        ready = p.get("state") == PackState.READY
        text = _("The evidence pack of %(ref)s is ready") if ready else _("No evidence pack of %(ref)s could be made")
        return text % {"ref": p.get("ref", "")}
    return ngettext("%(n)d evidence pack is done", "%(n)d evidence packs are done", count) % {"n": count}


def visible(actor: Actor, notifications: Sequence["Notification"]) -> Mapping[int, Collection[int]]:
    """Those about a case that the reader may see; of several cases one is enough. Of what the law asks for they read while
    they see the case inside."""
    by_law = [one for one in notifications if internal_metric(one.params.get("metric"))]
    rest = [one for one in notifications if not internal_metric(one.params.get("metric"))]
    found = seen_in_part(rest, _visible_cases(actor, rest))
    return {**found, **visible_inside(actor, by_law)} if by_law else found


def visible_briefs(actor: Actor, notifications: Sequence["Notification"]) -> Mapping[int, Collection[int]]:
    """Those about a copy of a brief that the reader may open; one that stands for several leads to no copy of its own."""
    found: dict[int, Collection[int]] = {}
    copies = copies_open_to(actor, _cases_of(notifications))
    urls = {pk: reverse("escalations:brief-copy", args=[pk]) for pk, _case in copies}
    for one in notifications:
        seen = {case for pk, case in copies if one.count > 1 or urls[pk] == one.url}
        found |= seen_in_part([one], seen)
    return found


def visible_inside(actor: Actor, notifications: Sequence["Notification"]) -> Mapping[int, Collection[int]]:
    """As `visible`, for what stands in internal entries: those about a case of which the reader sees these."""
    return seen_in_part(notifications, cases_inside(actor, notifications))


def cases_inside(actor: Actor, notifications: Sequence["Notification"]) -> set[int]:
    """Cases of these notifications of which the reader sees the internal entries."""
    rows = queries.visible_inside(actor).filter(pk__in=_cases_of(notifications))
    return set(rows.values_list("pk", flat=True))


def visible_to_leads(actor: Actor, notifications: Sequence["Notification"]) -> Mapping[int, Collection[int]]:
    """As `visible`, and those about cases of services that the reader leads: they have to review it."""
    led = Case.objects.filter(pk__in=_cases_of(notifications), service_id__in=queries.led_service_ids(actor))
    seen = _visible_cases(actor, notifications) | set(led.values_list("pk", flat=True))
    return seen_in_part(notifications, seen)


def visible_shifts(actor: Actor, notifications: Sequence["Notification"]) -> Mapping[int, Collection[int]]:
    """Those about a hand-over that the reader takes."""
    ids = {pk for one in notifications for pk in one.subject_ids}
    rows = ShiftHandover.objects.filter(pk__in=ids, taker=actor.user_id or 0)
    return seen_in_part(notifications, set(rows.values_list("pk", flat=True)))


def visible_packs(actor: Actor, notifications: Sequence["Notification"]) -> Mapping[int, Collection[int]]:
    """Those about an evidence pack that the reader asked for, of a case of which they may have one still."""
    ids = {pk for one in notifications for pk in one.subject_ids}
    return seen_in_part(notifications, audience_evidence.packs_seen(actor, ids))


def _cases_of(notifications: Sequence["Notification"]) -> set[int]:
    return {pk for one in notifications for pk in one.subject_ids}


def _visible_cases(actor: Actor, notifications: Sequence["Notification"]) -> set[int]:
    rows = queries.visible_to(actor).filter(pk__in=_cases_of(notifications))
    return set(rows.values_list("pk", flat=True))


def visible_to_givers(actor: Actor, notifications: Sequence["Notification"]) -> Mapping[int, Collection[int]]:
    """Those about a case of which the reader sees what is internal, or which they handed over."""
    given = audience_handing.given_by(actor, _cases_of(notifications))
    return seen_in_part(notifications, cases_inside(actor, notifications) | given)


def visible_withdrawals(actor: Actor, notifications: Sequence["Notification"]) -> Mapping[int, Collection[int]]:
    """Those about questions to the reader: what names a case while they see that inside, all else always."""
    told = audience_handing.told_of_withdrawal(actor, {pk for one in notifications for pk in one.subject_ids})
    inside = {pk for pk, seen in told.items() if seen}
    named = [one for one in notifications if one.count == 1 and one.params.get("ref")]
    rest = [one for one in notifications if one not in named]
    return {**seen_in_part(named, inside), **seen_in_part(rest, told)}


def _tab(tab: str) -> Callable[[], str]:
    return lambda: reverse("escalations:queue") + f"?tab={tab}"


def _reviews() -> str:
    return reverse("escalations:break-glass-reviews")


def _offers() -> str:
    return reverse("escalations:handovers")


def _consults() -> str:
    return reverse("escalations:consults")


KINDS: Final = (
    NotificationKind("case.assigned", _assigned, visible, audience.assigned, _tab("mine"), "user"),
    NotificationKind("case.clock_warned", _warned, visible, audience.warned, _tab("due_soon"), "clock"),
    NotificationKind("case.clock_breached", _breached, visible, audience.breached, _tab("breached"), "warn"),
    NotificationKind("case.clock_escalated", _clock_escalated, visible, audience.escalated, _tab("breached"), "warn"),
    NotificationKind("case.escalated", _escalated, visible, audience.escalated, _tab("open"), "flag"),
    NotificationKind("case.merged", _merged, visible, audience.merged, _tab("open"), "link"),
    NotificationKind("case.break_glass", _broken, visible_to_leads, audience.glass_broken, _reviews, "key"),
    NotificationKind("case.grant", _granted, visible, audience.granted, _tab("open"), "key"),
    NotificationKind("case.brief", _briefed, visible_briefs, audience.briefed, _tab("open"), "file"),
    NotificationKind("case.evidence", _packed, visible_packs, audience_evidence.packed, icon="clip"),
    NotificationKind("case.shift", _shift, visible_shifts, icon="hour"),
    NotificationKind(
        "case.handover_offered", handing.offered, visible_inside, audience_handing.offered, _offers, "swap"
    ),
    NotificationKind(
        "case.handover_settled", handing.settled, visible_to_givers, audience_handing.settled, _offers, "swap"
    ),
    NotificationKind("case.handover_silent", handing.silent, visible_inside, audience_handing.around, _offers, "swap"),
    NotificationKind(
        "case.consult_asked", handing.asked, visible_inside, audience_handing.consulted, _consults, "users"
    ),
    NotificationKind(
        "case.consult_answered", handing.answered, visible_inside, audience_handing.around, _consults, "users"
    ),
    NotificationKind(
        "case.consult_withdrawn",
        handing.withdrawn,
        visible_withdrawals,
        audience_handing.withdrawn,
        _consults,
        "users",
    ),
    NotificationKind(
        "case.consult_overdue", handing.overdue, visible_inside, audience_handing.consulted, _consults, "users"
    ),
)


def register() -> None:
    """Make them known."""
    for kind in KINDS:
        register_kind(kind)
