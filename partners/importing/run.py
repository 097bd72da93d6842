"""A roster from its file to the directory: uploaded, checked again, applied as a whole or discarded."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.accounts.rules import Actor
from portal.audit.actions import record
from portal.imports.errors import ImportRefused, RowError
from portal.imports.mapping import Mapping as FileMapping
from portal.imports.reading import Row
from portal.imports.tabular import read_table
from portal.refusals import RefusedError

from .. import access, queries
from ..actions import base, tell_of_roster
from ..choices import Decision, ProposalKind, RosterState
from ..models import Roster, Site
from ..models.rosters import COUNTS
from ..registry import tell_roster_listeners
from ..rules.rosters import EARLIEST, LATEST, Fault
from . import applying
from .diffing import write_proposals
from .locking import lock_site
from .parsing import Understood, understand
from .places import Places
from .schema import check_heading, in_file, roster_mapping
from .staging import Staged, drop, match, stage

MAX_ROWS: Final = 200_000
KINDS: Final = {
    ProposalKind.JOINER: "joiners",
    ProposalKind.MOVER: "movers",
    ProposalKind.LEAVER: "leavers",
    ProposalKind.REHIRE: "rehires",
    ProposalKind.UNCHANGED: "unchanged",
    ProposalKind.UNDECIDED: "undecided",
    ProposalKind.ERROR: "errors",
}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came in: where it lies, what it is called, of which day it speaks, and how to read it."""

    path: Path
    as_of: date
    mapping: Mapping[str, Any]
    file_name: str = ""


@transaction.atomic
def upload(*, actor: Actor, site: Site, upload: Upload) -> Roster:
    """Read a roster and propose what it changes; nothing of the directory is written. Audited.

    Of two rosters of a site one waits for the other, for a few seconds at most.
    Raises PermissionDenied, ImportRefused when the file cannot be used, RefusedError for a day before the last roster's,
    or while somebody else brings or applies one.
    """
    allowed = access.permit_roster_upload(actor, site)
    lock_site(site.pk, allowed)
    check_day(site, upload.as_of)
    mapping = roster_mapping(dict(upload.mapping))
    roster = Roster(
        site=site,
        as_of=upload.as_of,
        source=mapping.source,
        file_name=upload.file_name[:200],
        sha256=_digest(upload.path),
        mapping=dict(upload.mapping),
        uploaded_by_id=allowed.user_id,
    )
    with base.refusing():
        roster.save(force_insert=True)
    heading: list[str] = []
    places = Places(site)
    _propose(roster, mapping, places, _from_file(upload.path, mapping, places, heading))
    if not roster.rows:
        raise ImportRefused(_("The file has a heading but no rows. Nobody was changed."))
    roster.heading = heading
    roster.save(update_fields=["heading"])
    _record(roster, "uploaded", allowed)
    return roster


@transaction.atomic
def remap(*, actor: Actor, roster_id: int, mapping: Mapping[str, Any]) -> Roster:
    """Read an open roster again with other columns. Raises Http404, PermissionDenied, ImportRefused, RefusedError."""
    roster = access.get_roster(actor, roster_id, for_update=True)
    allowed = access.permit_roster_upload(actor, roster.site)
    _check_open(roster)
    check_heading(roster_mapping(dict(mapping)), roster.heading)
    roster.mapping, roster.source = dict(mapping), mapping["source"]
    roster.save(update_fields=["mapping", "source"])
    repropose(roster)
    _record(roster, "mapped", allowed)
    return roster


@transaction.atomic
def decide(*, actor: Actor, roster_id: int, decisions: Mapping[int, int | None]) -> Roster:
    """Say of rows with a namesake on file who they are: a person's id, or None for somebody new. Audited.

    Rows and people that are not offered are passed over. Raises Http404, PermissionDenied, RefusedError.
    """
    roster = access.get_roster(actor, roster_id, for_update=True)
    allowed = access.permit_roster_upload(actor, roster.site)
    _check_open(roster)
    rows = roster.proposals.filter(row__in=decisions, kind=ProposalKind.UNDECIDED)
    for proposal in rows:
        person_id = decisions[proposal.row or 0]
        if person_id is None or person_id in proposal.candidates:
            proposal.decision = Decision.NEW if person_id is None else Decision.SAME
            proposal.decided_person_id = person_id
            proposal.save(update_fields=["decision", "decided_person"])
    repropose(roster)
    _record(roster, "decided", allowed)
    return roster


@transaction.atomic
def send(*, actor: Actor, roster_id: int) -> Roster:
    """Hand a roster without anything to fix to whoever may apply it. Audited. Twice is once.

    Raises Http404, PermissionDenied, RefusedError.
    """
    roster = access.get_roster(actor, roster_id, for_update=True)
    allowed = access.permit_roster_upload(actor, roster.site)
    _check_open(roster)
    _check_ready(roster)
    if roster.state == RosterState.SENT:
        return roster
    roster.state, roster.sent_by_id, roster.sent_at = RosterState.SENT, allowed.user_id, timezone.now()
    roster.save(update_fields=["state", "sent_by", "sent_at"])
    _record(roster, "sent", allowed)
    deciders = [pk for pk in queries.coordinators_of(roster.site, timezone.now()) if pk != allowed.user_id]
    tell_of_roster(roster, "sent", recipients=deciders)
    return roster


@transaction.atomic
def discard(*, actor: Actor, roster_id: int) -> Roster:
    """Put an open roster away; what it proposed about people is forgotten. Audited.

    Raises Http404, PermissionDenied, RefusedError.
    """
    roster = access.get_roster(actor, roster_id, for_update=True)
    allowed = access.permit_roster_discard(actor, roster)
    _check_open(roster)
    roster.proposals.all().delete()
    _close(roster, RosterState.DISCARDED, allowed)
    return roster


def apply(*, actor: Actor, roster_id: int) -> bool:
    """Write what a roster proposes, all of it or nothing. Audited.

    False if the directory has changed since the preview, so that the roster proposes something else now: nothing was
    applied, and the preview shows it. Of two rosters of a site one waits for the other, for a few seconds at most.
    Raises Http404, PermissionDenied, RefusedError.
    """
    with base.refusing():
        roster = access.get_roster(actor, roster_id)
        allowed = access.permit_roster_apply(actor, roster.site)
        lock_site(roster.site_id, allowed)
        roster = access.get_roster(actor, roster_id, for_update=True)
        _check_open(roster)
        check_day(roster.site, roster.as_of)
        if repropose(roster):
            return False
        _check_ready(roster)
        applying.write(roster, actor=allowed)
        roster.proposals.exclude(cells={}).update(cells={})
        _close(roster, RosterState.APPLIED, allowed)
        tell_roster_listeners(actor=allowed, roster_id=roster.pk)
    return True


def repropose(roster: Roster) -> bool:
    """Set an open roster beside the directory as it is now; whether it proposes anything else than before."""
    before = _digest_of_proposals(roster)
    mapping, places = roster_mapping(roster.mapping), Places(roster.site)
    _propose(roster, mapping, places, _from_proposals(roster, mapping, places), again=True)
    return _digest_of_proposals(roster) != before


def check_day(site: Site, day: date) -> None:
    """Raises RefusedError for a day before that of the last roster applied at the site, and for a far one."""
    if not EARLIEST <= day <= LATEST:
        raise RefusedError("day_out_of_range", "as_of")
    last = site.rosters.filter(state=RosterState.APPLIED).order_by("-as_of").first()
    if last and day < last.as_of:
        raise RefusedError("roster_too_old", "as_of", {"last_day": last.as_of})


def _propose(
    roster: Roster, mapping: FileMapping, places: Places, rows: Iterator[Staged], *, again: bool = False
) -> None:
    by_number = mapping.extra["identity"] == "employee_number"
    roster.rows = stage(rows)
    if again:
        roster.proposals.all().delete()
    match(roster, by_number=by_number)
    write_proposals(roster, by_number=by_number, default_role=places.default_role(mapping.fields))
    with connection.cursor() as cursor:
        drop(cursor)
    counted = roster.proposals.order_by().values_list("kind").annotate(number=Count("pk"))
    numbers = {KINDS[ProposalKind(kind)]: number for kind, number in counted}
    for name in COUNTS:
        setattr(roster, name, numbers.get(name, 0))
    roster.save(update_fields=["rows", *COUNTS])


def _from_file(path: Path, mapping: FileMapping, places: Places, heading: list[str]) -> Iterator[Staged]:
    for number, row in enumerate(read_table(path)):
        if number >= MAX_ROWS:
            raise ImportRefused(_("The file has more than %(most)d rows.") % {"most": MAX_ROWS})
        if isinstance(row, RowError):
            yield Staged(row.line, Understood({}, Fault(row.column, "unreadable", {"why": row.reason})), {})
            continue
        if not heading:
            heading.extend(row.values)
            check_heading(mapping, heading)
            mapping = in_file(mapping, heading)
        yield Staged(row.line, understand(mapping, row.values, places), row.values)


def _from_proposals(roster: Roster, mapping: FileMapping, places: Places) -> Iterator[Staged]:
    mapping = in_file(mapping, roster.heading)
    rows = roster.proposals.filter(row__isnull=False).order_by("row")
    for found in rows.iterator(chunk_size=2000):
        row = found.row or 0
        if not found.cells:
            kept = Understood({}, Fault(found.fault_field, found.fault, found.fault_params))
            yield Staged(row, kept, {})
            continue
        understood = understand(mapping, Row(row, found.cells).values, places)
        yield Staged(row, understood, found.cells, found.decision, found.decided_person_id)


def _digest(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _digest_of_proposals(roster: Roster) -> str:
    """The same for the same proposals, whatever their ids."""
    with connection.cursor() as cursor:
        cursor.execute(FINGERPRINT, [roster.pk])
        return str(cursor.fetchone()[0])


FINGERPRINT: Final = """
SELECT md5(coalesce(string_agg(md5(p::text), '' ORDER BY row, person_id), '')) FROM (
    SELECT row, kind, person_id, engagement_id, placement_id, programme_id, team_id, job_role_id, lead_id, lead_row,
        first_day, last_day, changes, fault
    FROM partners_rosterproposal WHERE roster_id = %s
) p
"""


def _check_open(roster: Roster) -> None:
    if not roster.is_open:
        raise RefusedError(f"roster_{roster.state}")


def _check_ready(roster: Roster) -> None:
    if not roster.is_ready:
        raise RefusedError("roster_not_ready", params={"number": roster.errors + roster.undecided})


def _close(roster: Roster, state: RosterState, actor: Actor) -> None:
    roster.state, roster.closed_by_id, roster.closed_at = state, actor.user_id, timezone.now()
    roster.save(update_fields=["state", "closed_by", "closed_at"])
    _record(roster, state.value, actor)
    senders = {roster.uploaded_by_id, roster.sent_by_id} - {None, actor.user_id}
    tell_of_roster(roster, state.value, recipients=[pk for pk in senders if pk is not None])


def _record(roster: Roster, verb: str, actor: Actor) -> None:
    counts = {name: getattr(roster, name) for name in ("rows", *COUNTS)}
    changes = {"site_id": roster.site_id, "as_of": roster.as_of.isoformat(), "source": roster.source, **counts}
    record(actor=actor, verb=f"roster.{verb}", subject_type="roster", subject_id=roster.pk, changes=changes)
