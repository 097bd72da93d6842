"""Trouble is reported, taken, solved; several reports alike become one incident.

Reports of one site, symptom and system are counted under an advisory lock of that key, so that however many arrive at
once, one incident comes of them. Order of locks: the key, then requests by number.
"""

from collections.abc import Collection
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Q
from django.http import Http404
from django.utils import timezone

from partners import queries as directory
from portal.accounts.choices import Role
from portal.accounts.rules import SYSTEM, Actor
from portal.audit.actions import record, record_many
from portal.notifications.actions import notify
from portal.refusals import RefusedError

from .. import access, queries, rules
from ..addresses import address
from ..choices import RequestKind, RequestState, Symptom, TroubleState
from ..models import AccessRequest, GroupMember, Incident, System, TriedCheck, TroubleReport
from ..queries import first_checks, trouble
from ..rules.trouble import WINDOW, makes_incident, step
from ._base import lock_requests, note

REPORTED = "access.trouble"
INCIDENT = "access.incident"
SOLVED = "access.trouble_solved"
_ENDS = {TroubleState.SOLVED: RequestState.DONE, TroubleState.CANCELLED: RequestState.CLOSED}


@transaction.atomic
def report(
    *,
    actor: Actor,
    site_id: int,
    person_id: int,
    symptom: str,
    system_id: int | None = None,
    checks: Collection[str] = (),
    details: str = "",
    at: datetime | None = None,
) -> TroubleReport:
    """Report that something does not work for somebody of the site. Audited; IT is told, once per incident.

    `checks` are codes of what was tried: of the symptom's checks, and of those that the system has.
    `at` is when, if not now.

    Raises Http404 for a site or person out of sight, PermissionDenied, RefusedError (trouble_known, system_unknown).
    """
    site = directory.sites_visible_to(actor).filter(pk=site_id).first()
    if site is None or symptom not in Symptom.values:
        raise Http404
    allowed = access.permit(rules.requesting(actor, rules.Site(site.pk, site.partner_id)))
    here = directory.placements_visible_to(SYSTEM).filter(site_id=site_id, person_id=person_id)
    if not here.filter(directory.not_over(directory.today())).exists():
        raise Http404
    if system_id is not None and not System.objects.filter(pk=system_id, archived_at=None).exists():
        raise RefusedError("system_unknown", "system")
    _lock(site_id, symptom, system_id)
    alike = TroubleReport.objects.filter(Q(system=system_id), site_id=site_id, symptom=symptom)
    known = alike.filter(person_id=person_id, state__in=trouble.OPEN).select_related("request").first()
    if known is not None:
        raise RefusedError("trouble_known", "person", {"ref": known.request.ref})
    now = at or timezone.now()
    request = AccessRequest.objects.create(
        kind=RequestKind.TROUBLESHOOTING, site_id=site_id, requested_by_id=allowed.user_id,
        on_behalf_of_id=allowed.principal_id, state=RequestState.IN_PROGRESS, created_at=now, submitted_at=now,
    )  # fmt: skip
    made = TroubleReport.objects.create(
        request=request, site_id=site_id, person_id=person_id, system_id=system_id, symptom=symptom,
        checks=sorted({one for one in checks if not one.startswith(first_checks.PREFIX)}),
        details=details.replace("\0", "").strip(), reported_at=now,
    )  # fmt: skip
    _note_tried(made, checks)
    note([(request.pk, None)], "trouble.report", actor=allowed, at=now)
    record(actor=allowed, verb="access_trouble.reported", subject_type="access_request", subject_id=request.pk,
           changes={"site_id": site_id, "symptom": symptom})  # fmt: skip
    _join_or_tell(made, now)
    return made


def _note_tried(made: TroubleReport, codes: Collection[str]) -> None:
    """Keep the system's checks that were done, in the words of today."""
    done = first_checks.chosen(made.system_id, codes)
    TriedCheck.objects.bulk_create(
        TriedCheck(report=made, number=number, text=one.text, text_zh=one.text_zh)
        for number, one in enumerate(done, start=1)
    )


def _lock(site_id: int, symptom: str, system_id: int | None) -> None:
    """Wait for whoever reports the same; held until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"trouble:{site_id}:{symptom}:{system_id or 0}"]
        )


def _join_or_tell(made: TroubleReport, now: datetime) -> None:
    """Put the report into the open incident of its kind, make one of enough reports alike, or tell IT of the report."""
    key = {"site_id": made.site_id, "symptom": made.symptom, "system_id": made.system_id}
    incident = Incident.objects.filter(**key, closed_at=None).first()
    if incident is None:
        since = now - WINDOW
        alike = TroubleReport.objects.filter(**key, incident=None, reported_at__gte=since, reported_at__lte=now)
        ids = list(alike.exclude(state=TroubleState.CANCELLED).order_by("pk").values_list("pk", flat=True))
        if not makes_incident(len(ids)):
            _tell_of_report(made)
            return
        incident = Incident.objects.create(**key, opened_at=now)
        TroubleReport.objects.filter(pk__in=ids).update(incident=incident)
        record(actor=SYSTEM, verb="access_incident.opened", subject_type="access_incident", subject_id=incident.pk,
               changes={"site_id": made.site_id, "symptom": made.symptom, "reports": len(ids)})  # fmt: skip
        _tell_of_incident(incident, len(ids), now)
    made.incident = incident
    made.save(update_fields=["incident"])


def _workers(system_id: int | None, now: datetime) -> set[int]:
    """IT people who deal with the system; with those of no system, everybody of the IT groups."""
    groups = System.objects.filter(archived_at=None, group__isnull=False)
    if system_id is not None:
        groups = groups.filter(pk=system_id)
    rows = GroupMember.objects.filter(group_id__in=groups.values("group_id"), ended_at=None, user__is_active=True)
    return set(rows.values_list("user_id", flat=True))


def _where(found: TroubleReport | Incident) -> dict[str, str]:
    """The site in both its names: each reader has a language."""
    return {"site": found.site.name, "site_zh": found.site.name_zh}


def _tell_of_report(made: TroubleReport) -> None:
    notify(
        kind=REPORTED,
        recipients=_workers(made.system_id, made.reported_at),
        params={"ref": made.request.ref, "symptom": made.symptom, **_where(made)},
        url=address("trouble-report", made.request.ref),
        dedupe_key=f"trouble:{made.pk}",
        subject_id=made.pk,
    )


def _tell_of_incident(incident: Incident, number: int, now: datetime) -> None:
    around = queries.site_people([incident.site_id], Role.COORDINATOR, now).get(incident.site_id, set())
    notify(
        kind=INCIDENT,
        recipients=_workers(incident.system_id, now) | around,
        params={"ref": str(incident), "symptom": incident.symptom, **_where(incident), "number": number},
        url=address("incident", incident.pk),
        dedupe_key=f"incident:{incident.pk}",
        urgent=True,
        subject_id=incident.pk,
    )


@transaction.atomic
def deal_with(*, actor: Actor, ref: str | int, verb: str, at: datetime | None = None) -> TroubleReport:
    """Take a report, solve it or take it back. Taking is for IT, solving also for the site, taking back for the site alone.

    A report of an incident is solved with it, or alone if it is over for this person. Audited. Raises Http404,
    PermissionDenied, RefusedError (trouble_over).
    """
    found = get_report(actor, ref)
    allowed = access.permit(may(actor, found, verb))
    lock_requests([found.request_id])
    found = get_report(actor, ref)
    state = step(found.state, verb)
    if state is None:
        raise RefusedError("trouble_over")
    _move([found], verb, state, actor=allowed, at=at or timezone.now())
    return found


def get_report(actor: Actor, ref: str | int) -> TroubleReport:
    """A report by the reference of its request. Raises Http404."""
    number = rules.request_number(ref)
    if number is None:
        raise Http404
    rows = trouble.reports_visible_to(actor).select_related(
        "site", "person", "system", "taken_by", "request", "incident"
    )
    return access.one(rows, False, request_id=number)


def may(actor: Actor, found: TroubleReport | Incident, verb: str) -> Actor | None:
    """The actor as who they may do this with a report (or an incident), or None."""
    site = rules.Site(found.site_id, found.site.partner_id)
    as_site = rules.requesting(actor, site)
    works = type(found)._default_manager.filter(trouble.worked_by(actor), pk=found.pk).exists()
    as_it = actor.acting_as(actor.of(Role.IT)[0]) if works else None
    return {"take": as_it, "solve": as_it or as_site, "cancel": as_site, "close": as_it}[verb]


def _move(reports: Collection[TroubleReport], verb: str, state: str, *, actor: Actor, at: datetime) -> None:
    """The caller has locked the requests."""
    ids = [one.pk for one in reports]
    columns: dict[str, object] = {"state": state}
    if verb == "take":
        columns["taken_by_id"] = actor.user_id
    if state == TroubleState.SOLVED:
        columns["solved_at"] = at
    TroubleReport.objects.filter(pk__in=ids).update(**columns)
    if state in _ENDS:
        numbers = [one.request_id for one in reports]
        AccessRequest.objects.filter(pk__in=numbers).update(state=_ENDS[TroubleState(state)], ended_at=at)
    note([(one.request_id, None) for one in reports], f"trouble.{verb}", actor=actor, at=at)
    changes = {one.request_id: {"state": [one.state, state]} for one in reports}
    record_many(actor=actor, verb=f"access_trouble.{verb}", subject_type="access_request", changes_by_id=changes)
    if state == TroubleState.SOLVED:
        for one in reports:
            _tell_solved(one, actor)


def _tell_solved(one: TroubleReport, actor: Actor) -> None:
    reporter = one.request.requested_by_id
    if reporter is None or reporter == actor.user_id:
        return
    notify(
        kind=SOLVED, recipients=[reporter], params={"ref": one.request.ref, "symptom": one.symptom},
        url=address("trouble-report", one.request.ref), dedupe_key=f"trouble-solved:{one.pk}", subject_id=one.pk,
    )  # fmt: skip


@transaction.atomic
def close_incident(*, actor: Actor, pk: int, at: datetime | None = None) -> Incident:
    """An incident is over: all its open reports are solved with it. Twice is once. Raises Http404, PermissionDenied."""
    rows = trouble.incidents_visible_to(actor).select_related("site", "system")
    found = access.one(rows, False, pk=pk)
    allowed = access.permit(may(actor, found, "close"))
    _lock(found.site_id, found.symptom, found.system_id)
    found = access.one(rows, True, pk=pk)
    if found.closed_at is not None:
        return found
    members = found.members.filter(state__in=trouble.OPEN)
    lock_requests(members.values_list("request_id", flat=True))
    at = at or timezone.now()
    _move(list(members.select_related("request").order_by("pk")), "solve", TroubleState.SOLVED, actor=allowed, at=at)
    Incident.objects.filter(pk=pk).update(closed_at=at, closed_by_id=allowed.user_id)
    record(actor=allowed, verb="access_incident.closed", subject_type="access_incident", subject_id=pk, changes={})
    found.refresh_from_db()
    return found
