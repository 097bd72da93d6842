"""What the steps of a new request say, in the reader's language."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.ui.times import date_text
from sla.queries.spans import business_day, business_text

from ..choices import ItemState, RequestKind, RequestState, StageKind
from ..models import AccessRequest, Entitlement, RequestDraft, SodRule
from ..queries.preview import AskedLine, Decider, Preview, days_before

_WORKDAY: Final = 480
_SOON: Final = timedelta(hours=24)
TONES: Final[Mapping[str, str]] = {
    **dict.fromkeys([ItemState.VERIFIED, RequestState.DONE], "green"),
    **dict.fromkeys([ItemState.AWAITING_APPROVAL, ItemState.CLAIMED_DONE, ItemState.FAILED_RETRYABLE], "amber"),
    **dict.fromkeys([ItemState.BLOCKED_SOD, ItemState.FAILED_FINAL, RequestState.ATTENTION], "red"),
    **dict.fromkeys([ItemState.APPROVED, ItemState.QUEUED, ItemState.SENT, RequestState.IN_PROGRESS], "blue"),
}
_NAMES: Final = 3


def label_of(entitlement: Entitlement) -> str:
    """An entitlement with its system."""
    return f"{entitlement.system.label}: {entitlement.label}"


def lead_text(line: AskedLine, day: int | None = None) -> str:
    """Through whom it comes, and how long that takes; `day` minutes are a business day of the site."""
    if line.is_automatic:
        return _("Automatic")
    minutes = line.entitlement.system.lead_minutes
    if minutes < (day or _WORKDAY):
        return _("IT, same day")
    return _("IT, %(time)s") % {"time": business_text(minutes, day)}


def approval_text(line: AskedLine) -> str:
    """Who agrees to it."""
    if line.by_policy:
        return _("Approved by policy")
    return " → ".join(decider_text(one) for one in line.stages)


def decider_text(decider: Decider) -> str:
    """Who decides at a stage."""
    shown = ", ".join(decider.names[:_NAMES])
    if len(decider.names) > _NAMES:
        shown += " …"
    if decider.kind == StageKind.SITE_MANAGER:
        return _("Manager of the site: %(names)s") % {"names": shown} if shown else _("Manager of the site: nobody yet")
    if decider.kind == StageKind.SYSTEM_OWNER:
        return _("Owner of the system: %(names)s") % {"names": shown} if shown else _("Owner of the system: nobody yet")
    if decider.kind == StageKind.GROUP_ALL:
        return _("Everyone of %(group)s") % {"group": shown}
    return _("Anyone of %(group)s") % {"group": shown}


def asked_rows(lines: Iterable[AskedLine], draft: RequestDraft) -> list[dict[str, Any]]:
    """The lines of the table of what is asked for."""
    day = business_day([draft.site.calendar_id]) if draft.site.calendar_id else None
    return [
        {
            "pk": line.entitlement.pk,
            "label": label_of(line.entitlement),
            "people": line.people,
            "bundles": ", ".join(line.bundles),
            "extra": line.is_extra,
            "chosen": line.is_extra or line.entitlement.pk not in draft.left_out,
            "lead": lead_text(line, day),
            "approval": approval_text(line),
            "by_policy": line.by_policy,
            "privileged": line.entitlement.privileged,
            "max_days": line.entitlement.max_days,
        }
        for line in lines
    ]


def people_rows(made: Preview) -> list[dict[str, Any]]:
    """The lines of the table of people, those with conflicts first."""
    labels = {pk: label_of(one) for pk, one in made.entitlements.items()}
    rules = SodRule.objects.in_bulk({one.rule_id for line in made.people for one in line.conflicts})
    return [
        {
            "pk": line.person_id,
            "label": line.label,
            "job": line.job,
            "has": _named(line.has, labels),
            "coming": _named(line.coming, labels),
            "gets": _named(line.gets, labels),
            "loses": _named(line.loses, labels),
            "conflicts": [
                _("%(rule)s: %(left)s and %(right)s")
                % {
                    "rule": rules[one.rule_id].label,
                    "left": labels.get(one.left_id, ""),
                    "right": labels.get(one.right_id, ""),
                }
                for one in line.conflicts
            ],
        }
        for line in made.people
    ]


def _named(ids: Sequence[int], labels: Mapping[int, str]) -> list[str]:
    return sorted(labels[pk] for pk in ids if pk in labels)


def who_decides(lines: Iterable[AskedLine]) -> list[dict[str, Any]]:
    """Who will decide, and about how much; what policy approves comes last."""
    counts: dict[str, int] = {}
    policy = 0
    for line in lines:
        if line.by_policy:
            policy += 1
        for stage in line.stages:
            text = decider_text(stage)
            counts[text] = counts.get(text, 0) + 1
    found = [
        {"who": who, "what": ngettext("%(n)d kind of access", "%(n)d kinds of access", number) % {"n": number}}
        for who, number in counts.items()
    ]
    if policy:
        text = ngettext("%(n)d kind of access", "%(n)d kinds of access", policy) % {"n": policy}
        found.append({"who": _("By policy"), "what": text})
    return found


def ready_text(made: Preview, draft: RequestDraft) -> dict[str, Any] | None:
    """By when all should be there, and what takes longest; `late` if that is after the first shift."""
    if made.slowest is None or made.slowest.ready_at is None:
        return None
    zone = ZoneInfo(draft.site.time_zone)
    day = date_text(made.slowest.ready_at.astimezone(zone), timezone.localtime(timezone=zone))
    words = {"day": format_html("<b>{}</b>", day), "system": made.slowest.entitlement.system.label}
    return {"text": _sentence(made, draft, words), "late": _is_late(made, draft)}


def _is_late(made: Preview, draft: RequestDraft) -> bool:
    ready = made.slowest.ready_at if made.slowest else None
    return bool(ready and draft.shift_at and ready > draft.shift_at)


def _sentence(made: Preview, draft: RequestDraft, words: Mapping[str, object]) -> SafeString:
    ready = made.slowest.ready_at if made.slowest else None
    if draft.shift_at is None or ready is None or draft.kind == RequestKind.AD_HOC:
        text = _("If you send this now, access should be complete by {day}. {system} takes longest.")
        return format_html(text, **words)
    days = days_before(ready, draft.shift_at, draft.site.time_zone)
    if ready > draft.shift_at:
        text = _(
            "If you send this now, access may be complete by {day} only, after the first shift. {system} takes longest."
        )
    elif days == 0:
        text = _(
            "If you send this now, access should be complete by {day}, the day of the first shift. {system} takes longest."
        )
    else:
        text = ngettext(
            "If you send this now, access should be complete by {day}, {n} day before the first shift. {system} takes longest.",
            "If you send this now, access should be complete by {day}, {n} days before the first shift. {system} takes longest.",
            days,
        )
    return format_html(text, n=days, **words)


def due_pill(one: AccessRequest) -> dict[str, Any] | None:
    """How much time is left until everything must be done; None where nothing is due any more."""
    if one.due_at is None or one.ended_at is not None or one.state == RequestState.DRAFT:
        return None
    left = one.due_at - timezone.now()
    state = "breached" if left < timedelta(0) else "warn" if left < _SOON else "ok"
    return {"state": state, "due": one.due_at}
