"""What the file's sites, programmes and queues are in the directory; with leave, those that are not there are made."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from partners import actions as directory
from partners.queries import partners_visible_to, sites_visible_to
from portal.accounts.rules import SYSTEM
from portal.imports.errors import ImportRefused

from . import lookups
from .cells import Cells
from .schema import PLACES, FactField, FactsMapping

_CODE: Final = re.compile(r"[A-Z0-9][A-Z0-9-]{0,15}")
BLOCK: Final = 5000


@dataclass(slots=True)
class _Site:
    pk: int
    zone: str
    # Upper code or name of a programme -> of a queue -> ids of queues.
    queues: dict[str, dict[str, set[int]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(set)))


class Directory:
    """Sites and queues by code, else by name. `only`: the sites that this file may speak of. `under`: partner of new sites."""

    def __init__(self, mapping: FactsMapping, only: frozenset[int] | None, under: str) -> None:
        self._mapping, self._only = mapping, only
        self._partner = _partner(under) if under else None
        self._sites: dict[str, _Site] = {}
        self._load()

    def place(self, said: tuple[str, str, str]) -> tuple[int | None, int | None, str | None, str | None]:
        """Site, queue, the site's time zone and what is wrong ("column:code")."""
        site_text, programme, queue = (
            _looked_up(self._mapping.fields.get(name), text) for name, text in zip(PLACES, said, strict=True)
        )
        if not site_text:
            return None, None, None, "site:missing"
        site = self._sites.get(site_text.upper()) or self._new_site(site_text)
        if site is None:
            return None, None, None, "site:unknown_site"
        if not queue:
            fault = "queue:missing" if "queue" in self._mapping.shape.required else None
            return site.pk, None, site.zone, fault
        found = self._queues(site, programme, queue) or self._new_queue(site, programme, queue)
        if len(found) == 1:
            return site.pk, next(iter(found)), site.zone, None
        return site.pk, None, site.zone, "queue:ambiguous_queue" if found else "queue:unknown_queue"

    def _queues(self, site: _Site, programme: str, queue: str) -> set[int]:
        groups = [site.queues[programme.upper()]] if programme else list(site.queues.values())
        return {pk for group in groups for pk in group.get(queue.upper(), ())}

    def _load(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(lookups.SITES)
            for pk, code, name, name_zh, zone in cursor.fetchall():
                if self._only is None or pk in self._only:
                    self._keep(_Site(pk, zone), code, name, name_zh)
            by_id = {site.pk: site for site in self._sites.values()}
            cursor.execute(lookups.QUEUES, {"sites": list(by_id)})
            for pk, code, name, name_zh, p_code, p_name, p_zh, site in cursor.fetchall():
                for programme in filter(None, (p_code, p_name.upper(), p_zh.upper())):
                    for queue in filter(None, (code, name.upper(), name_zh.upper())):
                        by_id[site].queues[programme][queue].add(pk)

    def _keep(self, site: _Site, code: str, *names: str) -> None:
        for name in filter(None, names):
            self._sites.setdefault(name.upper(), site)
        self._sites[code] = site

    def _new_site(self, text: str) -> _Site | None:
        wanted = self._mapping.fields["site"]
        if not (self._partner and wanted.create and _CODE.fullmatch(text.upper())):
            return None
        zone = str(self._mapping.base.zone)
        values = directory.SiteValues(name=text, code=text.upper(), time_zone=zone)
        made = _Site(directory.add_site(actor=SYSTEM, partner=self._partner, values=values).pk, zone)
        self._keep(made, text.upper())
        return made

    def _new_queue(self, site: _Site, programme: str, queue: str) -> set[int]:
        fields = self._mapping.fields
        allowed = fields["queue"].create and (self._partner is not None or self._only is None)
        if not (allowed and programme and _CODE.fullmatch(queue.upper()) and _CODE.fullmatch(programme.upper())):
            return set()
        line = self._programme(site, programme, _creates(fields.get("programme")))
        if line is None:
            return set()
        made = directory.add_queue(
            actor=SYSTEM, programme=line, values=directory.QueueValues(name=queue, code=queue.upper())
        )
        site.queues[programme.upper()][queue.upper()].add(made.pk)
        return {made.pk}

    def _programme(self, site: _Site, text: str, create: bool) -> Any:
        row = sites_visible_to(SYSTEM).get(pk=site.pk)
        named = Q(code=text.upper()) | Q(name__iexact=text)
        found = row.programmes.filter(named, archived_at=None).first()
        if found or not create:
            return found
        values = directory.ProgrammeValues(name=text, code=text.upper())
        return directory.add_programme(actor=SYSTEM, site=row, values=values)


def resolve(cells: Cells, directory_: Directory) -> None:
    """Set down what each different place of the file is."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(lookups.said_places(cells), cells.params)
        # A file with its columns swapped may name a million places: they go by blocks, as the rows do.
        while block := cursor.fetchmany(BLOCK):
            _copied([(*said, *directory_.place(said)) for said in block])


def _copied(rows: list[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(lookups.COPY_PLACE) as copy:
        for *said, site, queue, zone, fault in rows:
            copy.write_row((*said, site, queue, zone, fault))


def _creates(wanted: FactField | None) -> bool:
    return wanted is not None and wanted.create


def _looked_up(wanted: FactField | None, text: str) -> str:
    if wanted is None or wanted.table is None:
        return text
    return wanted.table.get(text, text)


def _partner(code: str) -> Any:
    found = partners_visible_to(SYSTEM).filter(code=code.upper(), archived_at=None).first()
    if found is None:
        raise ImportRefused(_("There is no partner %(code)s.") % {"code": code})
    return found
