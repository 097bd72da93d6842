"""A roster with something to decide, one that waits for the coordinator, and the leads' weekly word on leavers."""

import csv
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from partners import queries
from partners.actions import attest
from partners.importing import run
from partners.importing.schema import TEMPLATE, guess, mapping_from
from portal.accounts.choices import Role
from portal.accounts.models import Membership
from portal.accounts.queries import actor_for
from portal.accounts.rules import SYSTEM, Actor

WEEKS = 3
type Rows = list[list[str]]


def build_rosters() -> None:
    """For the first two sites with a lead; whatever exists is left as it is."""
    leads = {m.site_id: actor_for(m.user) for m in _leads() if m.site_id}
    if queries.rosters_visible_to(SYSTEM).exists():
        return
    sites = [s for s in queries.live_sites().select_related("partner") if s.pk in leads]
    for number, site in enumerate(sites):
        rows = _rows(site)
        if number == 0 and rows:
            gone = next(row for row in rows if row[5] == "AGENT")
            rest = [row for row in rows if row is not gone]
            _upload(leads[site.pk], site, [*rest, *_joiners(site.code, 2), _to_fix(site.code)])
        elif number == 1 and rows:
            sent = _upload(leads[site.pk], site, [*rows, *_joiners(site.code, 3)])
            run.send(actor=leads[site.pk], roster_id=sent.pk)
        this_week = queries.monday(queries.site_today(site))
        # The third site has fallen behind.
        for back in range(1, WEEKS + 1) if number != 2 else ():
            attest(actor=leads[site.pk], code=site.code, week=this_week - timedelta(weeks=back))


def _leads() -> list[Membership]:
    rows = Membership.objects.filter(role=Role.PARTNER_LEAD, ended_at=None).select_related("user")
    return list(rows.order_by("-pk"))


def _rows(site: Any) -> Rows:
    """Everybody who is at the site today, as the template has them."""
    placements = [p for p in queries.roster_on(SYSTEM, site, queries.site_today(site)) if p.kind == "primary"]
    numbers = queries.numbers_of(site.partner_id, [pk for p in placements for pk in (p.person_id, p.lead_id) if pk])
    return [
        [
            numbers.get(p.person_id, ""),
            p.person.name,
            "",
            p.person.email,
            "",
            p.job_role.code,
            p.programme.code if p.programme else "",
            p.team.name if p.team else "",
            numbers.get(p.lead_id or 0, ""),
            "",
            "",
        ]
        for p in placements
    ]


def _joiners(code: str, number: int) -> Rows:
    return [
        [
            f"{code}-J{n}",
            name,
            "",
            f"{name.lower().replace(' ', '.')}.{code.lower()}@demo.example",
            "",
            "AGENT",
            "",
            "",
            "",
            "",
            "",
        ]
        for n, name in enumerate(("Mei Tanaka", "Arif Rahman", "Joy Castillo")[:number], start=1)
    ]


def _to_fix(code: str) -> list[str]:
    return [f"{code}-J9", "Sam Delgado", "", "sam.delgado", "", "AGENT", "", "", "", "03/04/2027", ""]


def _upload(actor: Actor, site: Any, rows: Rows) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "roster.csv"
        with path.open("w", encoding="utf-8", newline="") as handle:
            csv.writer(handle).writerows([TEMPLATE, *rows])
        mapping = mapping_from(guess(TEMPLATE), create=False)
        day = queries.site_today(site)
        file = run.Upload(path, day, mapping, f"roster-{site.code.lower()}-{day.isoformat()}.csv")
        return run.upload(actor=actor, site=site, upload=file)
