"""What the directory hangs into the shell: navigation, search, scopes of memberships, and words for the audit trail."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.accounts.registry import register_scope
from portal.accounts.rules import Actor
from portal.audit.registry import Named as AuditName
from portal.audit.registry import register_field, register_subject, register_verbs
from portal.ui.registry import (
    Act,
    NavItem,
    Panel,
    register_act,
    register_home,
    register_nav,
)

from . import queries, rules, search
from .choices import Language, LeaveKind, PlacementKind
from .models import (
    Engagement,
    ExternalId,
    JobRole,
    Leave,
    LeaverAttestation,
    Partner,
    Person,
    Placement,
    Programme,
    Queue,
    Roster,
    Site,
    Team,
)

CHANGED = (("True", _("changed")),)
VERBS = {
    "partner.created": _("Added a partner"),
    "partner.changed": _("Changed a partner"),
    "partner.archived": _("Archived a partner"),
    "partner.restored": _("Restored a partner"),
    "site.created": _("Added a site"),
    "site.changed": _("Changed a site"),
    "site.archived": _("Archived a site"),
    "site.restored": _("Restored a site"),
    "programme.created": _("Added a programme"),
    "programme.changed": _("Changed a programme"),
    "programme.archived": _("Archived a programme"),
    "programme.restored": _("Restored a programme"),
    "queue.created": _("Added a queue"),
    "queue.changed": _("Changed a queue"),
    "queue.archived": _("Archived a queue"),
    "queue.restored": _("Restored a queue"),
    "team.created": _("Added a team"),
    "team.changed": _("Changed a team"),
    "team.archived": _("Archived a team"),
    "team.restored": _("Restored a team"),
    "job_role.created": _("Added a job role"),
    "job_role.changed": _("Changed a job role"),
    "job_role.archived": _("Archived a job role"),
    "job_role.restored": _("Restored a job role"),
    "person.created": _("Added a person"),
    "person.changed": _("Changed a person’s details"),
    "engagement.created": _("Added an engagement"),
    "engagement.changed": _("Changed an engagement"),
    "engagement.ended": _("Ended an engagement"),
    "placement.created": _("Added a placement"),
    "placement.changed": _("Changed a placement"),
    "placement.ended": _("Ended a placement"),
    "placement.withdrawn": _("Withdrew a placement"),
    "external_id.created": _("Added an external id"),
    "external_id.removed": _("Removed an external id"),
    "leave.created": _("Added leave"),
    "leave.ended": _("Shortened leave"),
    "leave.withdrawn": _("Withdrew leave"),
    "roster.uploaded": _("Uploaded a roster"),
    "roster.mapped": _("Named the columns of a roster"),
    "roster.decided": _("Decided about namesakes in a roster"),
    "roster.sent": _("Sent a roster for approval"),
    "roster.applied": _("Applied a roster"),
    "roster.discarded": _("Discarded a roster"),
    "attestation.created": _("Confirmed the week’s leavers"),
}
SUBJECTS = {
    "partner": _("Partner"),
    "site": _("Site"),
    "programme": _("Programme"),
    "queue": _("Queue of contacts"),
    "team": _("Team"),
    "job_role": _("Job role"),
    "person": _("Person"),
    "engagement": _("Engagement"),
    "placement": _("Placement"),
    "external_id": _("External id"),
    "leave": _("Leave"),
    "roster": _("Roster"),
    "attestation": _("Confirmation of leavers"),
}


def register() -> None:
    """Called once, when the application is ready."""
    _register_nav()
    search.register()
    _register_scopes()
    _register_words()
    register_act(Act("roster", 30, _("Send a roster"), "partners:roster_new", "file", _sends_rosters))
    register_home(Panel("attestations", 60, "partners/_home_attestations.html", weekly_words))


def weekly_words(actor: Actor, _page: object) -> Mapping[str, object] | None:
    """The lead's sites that have not confirmed this week's or last week's leavers; None if there are none."""
    if not actor.can("submit_roster"):
        return None
    now = timezone.now()
    led = [s.site_id for s in actor.standings_for("submit_roster") if s.site_id]
    sites = list(queries.peopled(queries.live_sites().filter(pk__in=led), now.date()))
    open_weeks = [cell for row in queries.site_weeks(sites, now, weeks=2) for cell in row if not cell.attestation]
    return {"weeks": open_weeks} if open_weeks else None


def _sends_rosters(actor: Actor) -> bool:
    return actor.can("submit_roster") or actor.can("approve_roster")


def _reads(actor: Actor) -> bool:
    return actor.has(*rules.READERS)


def _reads_people(actor: Actor) -> bool:
    return actor.has(*rules.PEOPLE_READERS)


def _reads_configuration(actor: Actor) -> bool:
    return actor.can("configure") or actor.can("read_all")


def _register_nav() -> None:
    register_nav(NavItem("directory", "people", _("People"), "partners:people", "users", 10, _reads_people))
    register_nav(NavItem("directory", "sites", _("Sites"), "partners:sites", "pin", 20, _reads))
    register_nav(NavItem("directory", "rosters", _("Rosters"), "partners:rosters", "file", 25, queries.reads_rosters))
    register_nav(
        NavItem("directory", "attestations", _("Leavers"), "partners:attestations", "out", 26, queries.reads_rosters)
    )
    register_nav(NavItem("directory", "partners", _("Partners"), "partners:partners", "building", 30, _reads))
    register_nav(NavItem("directory", "programmes", _("Programmes"), "partners:programmes", "grid", 40, _reads))
    register_nav(NavItem("directory", "teams", _("Teams"), "partners:teams", "flag", 50, _reads))
    register_nav(NavItem("admin", "job_roles", _("Job roles"), "partners:job_roles", "key", 60, _reads_configuration))


def _register_scopes() -> None:
    register_scope("partner", heading=_("Partners"), choices=_partners, names=_names(Partner))
    register_scope("site", heading=_("Sites"), choices=_sites, names=_names(Site))


def _partners() -> Sequence[tuple[int, str]]:
    return [(p.pk, p.label) for p in Partner.objects.filter(archived_at__isnull=True)]


def _sites() -> Sequence[tuple[int, str]]:
    rows = Site.objects.filter(archived_at__isnull=True).select_related("partner")
    return [(s.pk, f"{s.label} · {s.partner.label}") for s in rows]


def _names(model: Any) -> Callable[[Sequence[int]], Mapping[int, str]]:
    return lambda ids: {row.pk: row.label for row in model.objects.filter(pk__in=ids)}


def _audit_names(model: Any, url_name: str = "", key: str = "pk") -> Callable[[Sequence[int]], Mapping[int, AuditName]]:
    def names(ids: Sequence[int]) -> Mapping[int, AuditName]:
        rows = model.objects.filter(pk__in=ids)
        return {r.pk: AuditName(r.label, reverse(url_name, args=[getattr(r, key)]) if url_name else "") for r in rows}

    return names


def _person_names(model: Any) -> Callable[[Sequence[int]], Mapping[int, AuditName]]:
    """Rows that go by the name of their person."""

    def names(ids: Sequence[int]) -> Mapping[int, AuditName]:
        rows = model.objects.filter(pk__in=ids).select_related("person")
        return {r.pk: AuditName(r.person.label, reverse("partners:person", args=[r.person_id])) for r in rows}

    return names


def _queue_names(ids: Sequence[int]) -> Mapping[int, AuditName]:
    """Queues, which stand on the page of their programme."""
    rows = Queue.objects.filter(pk__in=ids)
    return {r.pk: AuditName(r.label, reverse("partners:programme", args=[r.programme_id])) for r in rows}


def _site_names(model: Any, url_name: str = "") -> Callable[[Sequence[int]], Mapping[int, AuditName]]:
    """Rows that go by the name of their site."""

    def names(ids: Sequence[int]) -> Mapping[int, AuditName]:
        rows = model.objects.filter(pk__in=ids).select_related("site")
        return {r.pk: AuditName(r.site.label, reverse(url_name, args=[r.pk]) if url_name else "") for r in rows}

    return names


def _register_words() -> None:
    register_verbs(VERBS)
    pages = {
        "partner": _audit_names(Partner, "partners:partner", "code"),
        "site": _audit_names(Site, "partners:site", "code"),
        "programme": _audit_names(Programme, "partners:programme"),
        "queue": _queue_names,
        "team": _audit_names(Team, "partners:team"),
        "person": _audit_names(Person, "partners:person"),
        "job_role": _audit_names(JobRole),
        "engagement": _person_names(Engagement),
        "placement": _person_names(Placement),
        "external_id": _person_names(ExternalId),
        "leave": _person_names(Leave),
        "roster": _site_names(Roster, "partners:roster"),
        "attestation": _site_names(LeaverAttestation),
    }
    for subject, label in SUBJECTS.items():
        register_subject(subject, label, pages[subject])
    for field, label in {
        "name": _("Name"),
        "name_zh": _("Name in Chinese"),
        "preferred_name": _("Preferred name"),
        "email": _("Email"),
        "employee_number": _("Employee number"),
        "cancelled_at": _("Withdrawn"),
    }.items():
        register_field(field, label, CHANGED)
    for field, label in {
        "code": _("Code"),
        "time_zone": _("Time zone"),
        "calendar_id": _("Business calendar"),
        "partner_id": _("Partner"),
        "employer_id": _("Employer"),
        "person_id": _("Person"),
        "site_id": _("Site"),
        "programme_id": _("Programme"),
        "team_id": _("Team"),
        "job_role_id": _("Job role"),
        "lead_id": _("Lead"),
        "leads": _("Leads other people"),
        "period": _("Period"),
        "source": _("Source"),
        "as_of": _("As of"),
        "week": pgettext_lazy("period", "Week"),
        "rows": _("Rows"),
        "joiners": _("Joiners"),
        "movers": _("Movers"),
        "leavers": _("Leavers"),
        "rehires": _("Rehires"),
        "unchanged": _("Unchanged"),
        "undecided": _("To decide"),
        "errors": _("To fix"),
    }.items():
        register_field(field, label)
    register_field("kind", _("Kind"), [*PlacementKind.choices, *LeaveKind.choices])
    register_field("language", _("Language"), Language.choices)
