"""Programmes, teams and job roles as a roster names them, found at its site."""

from collections.abc import Mapping
from typing import Any

from portal.imports.mapping import FieldMapping
from portal.naming import Named

from ..models import JobRole, Programme, Site, Team
from ..rules.rosters import same_name
from .faults import FaultError

SHOWN = 8
type Pair = list[Any]


class Places:
    """What there is at a site, loaded once; a name is a row's name in either language, or its code."""

    def __init__(self, site: Site) -> None:
        programmes = list(Programme.objects.filter(site=site, archived_at__isnull=True))
        teams = Team.objects.filter(programme__site=site, programme__archived_at__isnull=True, archived_at__isnull=True)
        self.roles = _by_name(list(JobRole.objects.filter(archived_at__isnull=True)))
        self.programmes = _by_name(programmes)
        # The first spelling of what is yet to be made holds for all of its rows.
        self.spelt: dict[tuple[str, str], str] = {}
        self.teams: dict[str, list[Team]] = {}
        self.programme_labels = {p.pk: p.name for p in programmes}
        for team in teams:
            for name in {same_name(team.name), same_name(team.name_zh)} - {""}:
                self.teams.setdefault(name, []).append(team)

    def default_role(self, fields: Mapping[str, FieldMapping]) -> Pair | None:
        """The job role of those who have none yet and whose row names none."""
        field = fields.get("job_role")
        row = self.roles.get(same_name(str(field.default))) if field and field.default else None
        return [row.pk, row.name] if row else None

    def resolve(self, texts: Mapping[str, str], fields: Mapping[str, FieldMapping]) -> dict[str, Pair | None]:
        """Pairs of id (None is yet to be made) and name for what the row names. Raises FaultError."""
        found: dict[str, Pair | None] = {}
        if "job_role" in texts:
            found["job_role"] = self._known("job_role", texts["job_role"], self.roles, fields["job_role"].create)
        if "programme" in texts:
            create = fields["programme"].create
            found["programme"] = self._known("programme", texts["programme"], self.programmes, create)
        if "team" in texts:
            found["team"] = self._team(texts["team"], found, fields["team"].create)
        return found

    def _team(self, text: str, found: dict[str, Pair | None], create: bool) -> Pair | None:
        if not text:
            return None
        programme = found.get("programme")
        same = [t for t in self.teams.get(same_name(text), ()) if programme is None or t.programme_id == programme[0]]
        if len(same) > 1:
            raise FaultError("team", "team_in_several", value=text)
        if same:
            found["programme"] = [same[0].programme_id, self.programme_labels[same[0].programme_id]]
            return [same[0].pk, same[0].name]
        if not create:
            labels = sorted({t.name for teams in self.teams.values() for t in teams})
            raise FaultError("team", "unknown_team", value=text, known=", ".join(labels[:SHOWN]))
        if programme is None:
            raise FaultError("programme", "team_needs_programme", value=text)
        return self._new("team", text)

    def _known(self, field: str, text: str, rows: Mapping[str, Named], create: bool) -> Pair | None:
        if not text:
            return None
        if row := rows.get(same_name(text)):
            return [row.pk, row.name]
        if create:
            return self._new(field, text)
        labels = sorted({row.name for row in rows.values()})
        raise FaultError(field, f"unknown_{field}", value=text, known=", ".join(labels[:SHOWN]))

    def _new(self, field: str, text: str) -> Pair:
        return [None, self.spelt.setdefault((field, same_name(text)), text)]


def _by_name(rows: "list[Programme] | list[JobRole]") -> dict[str, Named]:
    return {name: row for row in rows for key in (row.name, row.name_zh, row.code) if (name := same_name(key))}
