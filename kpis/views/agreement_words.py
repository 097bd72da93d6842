"""What the other side is told of disputed ranges, results and statements: the words, and who may still read them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from portal.accounts.rules import Actor
from portal.notifications.registry import NotificationKind, seen_in_part

from ..actions.telling import EXCLUSION, RESULT, STATEMENT
from ..models import Statement
from ..queries import agreements, audience
from ..rules.periods import containing
from ..wording.periods import day_text, period_text

if TYPE_CHECKING:
    from portal.notifications.models import Notification

type Params = Mapping[str, Any]


def _exclusion(p: Params, count: int) -> str:
    if count != 1 or not p:
        text = ngettext("News of %(n)d disputed range", "News of %(n)d disputed ranges", count)
        return text % {"n": count}
    words = {
        "proposed": _("%(site)s: a time range on %(day)s is disputed, and you decide"),
        "evidence": _("%(site)s: more evidence for the disputed range on %(day)s"),
        "approved": _("%(site)s: the disputed range on %(day)s was approved and is left out"),
        "declined": _("%(site)s: the disputed range on %(day)s was declined and counts"),
        "withdrawn": _("%(site)s: the disputed range on %(day)s was taken back"),
    }
    return words.get(str(p.get("what")), "%(site)s, %(day)s") % _named(p, day=_day(p))


def _result(p: Params, count: int) -> str:
    if count != 1 or not p:
        return ngettext("%(n)d result of a month", "%(n)d results of months", count) % {"n": count}
    words = {
        "frozen": _("%(site)s: the result of %(month)s is frozen"),
        "revised": _("%(site)s: the result of %(month)s was made again, as revision %(revision)s"),
    }
    named = _named(p, month=_month(p), revision=p.get("revision", ""))
    return words.get(str(p.get("what")), "%(site)s, %(month)s") % named


def _statement(p: Params, count: int) -> str:
    if count != 1 or not p:
        return ngettext("News of %(n)d statement", "News of %(n)d statements", count) % {"n": count}
    words = {
        "drafted": _("%(site)s: the statement of %(month)s waits for signatures"),
        "changed": _("%(site)s: the statement of %(month)s has changed and waits for signatures"),
        "signed": _("%(site)s: the other side signed the statement of %(month)s; now it waits for yours"),
        "both": _("%(site)s: the statement of %(month)s is signed by both sides"),
    }
    return words.get(str(p.get("what")), "%(site)s, %(month)s") % _named(p, month=_month(p))


def _named(p: Params, **more: object) -> dict[str, object]:
    chinese = (get_language() or "").startswith("zh") and p.get("site_zh")
    return {"site": p["site_zh"] if chinese else p.get("site", ""), **more}


def _day(p: Params) -> str:
    return day_text(date.fromisoformat(str(p["day"]))) if p.get("day") else ""


def _month(p: Params) -> str:
    return period_text(containing("month", date.fromisoformat(str(p["month"]))))


def _seen(rows: Callable[[Actor], Any]) -> Callable[[Actor, Sequence["Notification"]], Mapping[int, Collection[int]]]:
    def visible(actor: Actor, notifications: Sequence["Notification"]) -> Mapping[int, Collection[int]]:
        ids = {pk for one in notifications for pk in one.subject_ids}
        return seen_in_part(notifications, set(rows(actor).filter(pk__in=ids).values_list("pk", flat=True)))

    return visible


def _statements(actor: Actor) -> Any:
    return Statement.objects.filter(result__in=agreements.results_visible_to(actor).values("pk"))


def _disputes() -> str:
    return reverse("kpis:exclusions")


def _results() -> str:
    return reverse("kpis:results")


KINDS: Final = (
    NotificationKind(
        EXCLUSION, _exclusion, _seen(agreements.exclusions_visible_to), audience.of_exclusions, _disputes, "flag"
    ),
    NotificationKind(RESULT, _result, _seen(agreements.results_visible_to), audience.of_results, _results, "lock"),
    NotificationKind(STATEMENT, _statement, _seen(_statements), audience.of_statements, _results, "file"),
)
