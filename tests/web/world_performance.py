"""A queue and a remark, for the addresses of the pages of figures."""

from datetime import date
from typing import Any

from partners.models import Programme, Queue, Site, Team
from portal.accounts.models import User
from tests.factories.kpis import annotation

KPI = "service-level"


def performance_args(
    site: Site, programme: Programme, team: Team, person_id: int, user: User
) -> dict[str, dict[str, Any]]:
    """What the addresses of scorecards need: a subject, and with `why` and `spread` a KPI."""
    queue = Queue.objects.create(programme=programme, code="VOICE", name="Voice")
    subjects = {
        "partner": site.partner.code, "site": site.code, "programme": programme.pk, "queue": queue.pk, "team": team.pk,
        "person": person_id,
    }  # fmt: skip
    note = annotation(user, date(2026, 11, 2), site=site)
    return {
        "figures_note": {"pk": note.pk},
        "figures_kpi": {"kpi": KPI},
        **{f"figures_{kind}": {"key": key} for kind, key in subjects.items()},
        **{f"figures_{kind}_kpi": {"key": key, "kpi": KPI} for kind, key in subjects.items()},
    }
