"""What this wing hangs into the shell: navigation, search, the panels of "My day"."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from escalations import day, day_asked, day_shift, queries, search
from escalations.actions import may_read_file, may_read_response
from escalations.choices.queue import Tab
from escalations.choices.statutory import RESPONSE_FILES
from escalations.panels import cases_over_time, cases_raised
from escalations.queries import QueueFilters, QueueRow
from escalations.queries.consults import count_for
from escalations.queries.handing import count_offered
from escalations.queries.next_due import next_due
from escalations.queries.playbooks import STEP_FILES
from escalations.views.common import case_url, lang_of, sees_cases
from partners.registry import register_life
from portal.accounts.choices import Role
from portal.accounts.registry import register_scope
from portal.accounts.rules import SYSTEM, Actor
from portal.files.registry import register_owner
from portal.ui.registry import (
    NavItem,
    Panel,
    register_home,
    register_nav,
    register_panel,
)
from sla import queries as clocks

HOME_ROWS = 8


def register() -> None:
    """Hang everything in."""
    _register_nav()
    register_scope("service", heading=_("Services"), choices=_services, names=_service_names)
    search.register()
    cases = "escalations/_home_cases.html"
    register_home(Panel("breaching", 10, cases, breaching_next, _("Breaching next"), _works, later=True))
    register_home(Panel("mine", 20, cases, mine, _("Your cases"), _follows_cases, later=True))
    day.register()
    day_asked.register()
    day_shift.register()
    register_panel("person", Panel("cases", 20, "escalations/_person_cases.html", cases_raised))
    register_life(cases_over_time)
    register_owner(STEP_FILES, may_read_file)
    register_owner(RESPONSE_FILES, may_read_response)
    register_panel(
        "home_rail", Panel("pulse", 10, "escalations/_home_pulse.html", pulse, _("Your queue"), _works, later=True)
    )


def _services() -> Sequence[tuple[int, str]]:
    return [(service.pk, service.label) for service in queries.live_services(SYSTEM)]


def _service_names(ids: Sequence[int]) -> Mapping[int, str]:
    return {service.pk: service.label for service in queries.services_visible_to(SYSTEM).filter(pk__in=ids)}


def _register_nav() -> None:
    register_nav(NavItem("work", "queue", _("Triage queue"), "escalations:queue", "inbox", 10, _triages, go="q"))
    register_nav(NavItem("work", "cases", _("Cases"), "escalations:queue", "inbox", 11, _follows, go="q"))
    register_nav(
        NavItem(
            "work", "handovers", _("Hand-overs"), "escalations:handovers", "swap", 14, _triages, _offered, later=True
        )
    )
    register_nav(
        NavItem("work", "consults", _("Consults"), "escalations:consults", "users", 15, _triages, _asked, later=True)
    )
    register_nav(NavItem("work", "restricted", _("Restricted"), "escalations:restricted", "lock", 20, _grants))
    register_nav(
        NavItem(
            "work",
            "glass",
            _("Break-glass reviews"),
            "escalations:break-glass-reviews",
            "key",
            30,
            _reviews,
            _unreviewed,
            later=True,
        )
    )
    register_nav(NavItem("reference", "playbooks", _("Playbooks"), "escalations:playbooks", "book", 5, _reads_inside))
    register_nav(
        NavItem("admin", "services", _("Services"), "escalations:services", "settings", 10, _configures_services)
    )
    register_nav(
        NavItem("admin", "templates", _("Reply templates"), "escalations:templates", "reply", 15, _configures_services)
    )
    register_nav(NavItem("admin", "macros", _("Macros"), "escalations:macros", "hour", 16, _configures_services))
    register_nav(
        NavItem("admin", "jurisdictions", _("Jurisdictions"), "escalations:jurisdictions", "flag", 21, _reads_settings)
    )
    register_nav(NavItem("admin", "issue_types", _("Issue types"), "escalations:issue-types", "grid", 20, _configures))


def _works(actor: Actor) -> bool:
    return actor.can("work_case")


def _follows_cases(actor: Actor) -> bool:
    return actor.can("follow_case")


def _triages(actor: Actor) -> bool:
    return not actor.is_system and sees_cases(actor) and actor.can("see_internal")


def _reads_inside(actor: Actor) -> bool:
    return not actor.is_system and actor.can("see_internal")


def _follows(actor: Actor) -> bool:
    return not actor.is_system and sees_cases(actor) and not actor.can("see_internal")


def _grants(actor: Actor) -> bool:
    return bool(queries.led_service_ids(actor, in_person=True))


def _reviews(actor: Actor) -> bool:
    return actor.can("review_break_glass")


def _unreviewed(actor: Actor) -> int | None:
    return queries.break_glass_reviews(actor).count() or None


def _offered(actor: Actor) -> int | None:
    return count_offered(actor) or None


def _asked(actor: Actor) -> int | None:
    return count_for(actor) or None


def _configures(actor: Actor) -> bool:
    return actor.has(Role.ADMINISTRATOR)


def _reads_settings(actor: Actor) -> bool:
    return actor.can("configure") or actor.can("read_all")


def _configures_services(actor: Actor) -> bool:
    return actor.can("configure_service")


def breaching_next(actor: Actor, obj: object) -> Mapping[str, Any] | None:
    """For those who work cases: the most overdue, then what falls due next."""
    if not actor.can("work_case"):
        return None
    rows = next_due(actor)
    return {
        "key": "breaching",
        "heading": _now("Breaching next"),
        "rows": [_line(row) for row in rows],
        "empty_title": _now("Nothing falls due"),
        "empty_text": _now("No open case has a running clock."),
        "more_url": reverse("escalations:queue"),
        "more_text": _now("Open the queue"),
    }


def mine(actor: Actor, obj: object) -> Mapping[str, Any] | None:
    """For those who work cases, their own; for partner users, the open ones that they follow."""
    if not actor.can("follow_case"):
        return None
    works = actor.can("work_case")
    tab = Tab.MINE if works else Tab.OPEN
    return {
        "key": "mine",
        "heading": _now("Mine") if works else _now("Open cases"),
        "rows": [_line(row) for row in _first(actor, tab)],
        "empty_title": _now("No case is yours") if works else _now("No open case"),
        "empty_text": _now("What is assigned to you stands here."),
        "more_url": reverse("escalations:queue") + f"?tab={tab.value}",
        "more_text": _now("All of them"),
    }


def pulse(actor: Actor, obj: object) -> Mapping[str, Any] | None:
    """How many cases each tab holds."""
    if not actor.can("work_case"):
        return None
    counts, url = queries.tab_counts(actor), reverse("escalations:queue")
    tabs = [{"label": tab.label, "count": counts[tab.value], "url": f"{url}?tab={tab.value}"} for tab in Tab]
    return {"tabs": tabs}


def _first(actor: Actor, tab: Tab) -> Sequence[QueueRow]:
    return queries.queue_rows(actor, tab=tab, filters=QueueFilters(), size=HOME_ROWS).items


def _line(row: QueueRow) -> dict[str, Any]:
    case = row.case
    place = f"{case.service.label} · {case.site.label}" if case.site else case.service.label
    return {
        "ref": case.ref,
        "title": case.subject,
        "detail": f"{case.ref} · {place}",
        "url": case_url(case.ref),
        "lang": lang_of(case.subject),
        "clock": clocks.pill(row.clock, timezone.now()) if row.clock else None,
    }
