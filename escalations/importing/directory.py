"""Finds the service, site and issue type that a row names, and makes those the mapping lets it make."""

import hashlib
import re
import unicodedata
from typing import Any

from django.utils.translation import gettext as _

from escalations.actions.configuration import add_service
from escalations.models import IssueType, Service
from partners import queries as partner_queries
from partners.access import get_partner
from partners.actions.organisation import PartnerValues, SiteValues, add_partner, add_site
from portal.accounts.rules import Actor
from portal.imports.errors import BadValue
from portal.imports.mapping import Mapping

CODE_LENGTH = 16
LEVELS = 3


def code_of(name: str, length: int = CODE_LENGTH) -> str:
    """A code in capitals from a name; the same name gives the same code, different names different ones."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().upper()
    slug = re.sub(r"[^A-Z0-9]+", "-", plain).strip("-")
    if slug and len(slug) <= length and slug.replace("-", " ") == name.upper():
        return slug
    digest = hashlib.sha256(name.encode()).hexdigest()[:6].upper()
    return f"{slug[: length - 7].strip('-') or 'X'}-{digest}"


class Directory:
    """Looks names up once and remembers them for the rest of the run."""

    def __init__(self, mapping: Mapping, actor: Actor) -> None:
        self.mapping = mapping
        self.actor = actor
        self.services = {s.name: s.pk for s in Service.objects.filter(archived_at=None)}
        self.services |= {s.code: s.pk for s in Service.objects.filter(archived_at=None)}
        self.sites = dict(partner_queries.sites_visible_to(actor).values_list("code", "pk"))
        self.issues = {t.code: t.pk for t in IssueType.objects.all()}

    def service(self, name: str) -> int:
        """The service of that code or name. Raises BadValue if there is none and the mapping may not make it."""
        if name not in self.services:
            self._may_create("service", name)
            made = add_service(actor=self.actor, code=code_of(name, 40).lower(), name=name[:120])
            self.services[name] = made.pk
        return self.services[name]

    def site(self, name: str | None) -> int | None:
        """The site of that code, or the one made for that name. Raises BadValue as `service`."""
        if not name:
            return None
        code = name if name in self.sites else code_of(name)
        if code not in self.sites:
            self._may_create("site", name)
            self.sites[code] = self._add_site(name, code)
        return self.sites[code]

    def _add_site(self, name: str, code: str) -> int:
        said = self.mapping.extra["partner"]
        zone = said["time_zone"]
        return add_site(
            actor=self.actor, partner=self._partner(said), values=SiteValues(name=name[:120], code=code, time_zone=zone)
        ).pk

    def _partner(self, said: dict[str, Any]) -> Any:
        if partner_queries.partners_visible_to(self.actor).filter(code=said["code"]).exists():
            return get_partner(self.actor, said["code"])
        return add_partner(actor=self.actor, values=PartnerValues(name=said["name"], code=said["code"]))

    def issue_type(self, path: tuple[str, ...] | None) -> int | None:
        """The issue type at the end of this path of names, one per level. Raises BadValue as `service`."""
        parent: int | None = None
        code = ""
        for level, name in enumerate((path or ())[:LEVELS], 1):
            code = f"{code}/{code_of(name, 24)}" if code else code_of(name, 24)
            if code not in self.issues:
                self._may_create("issue_type", name)
                made = IssueType.objects.create(parent_id=parent, level=level, code=code, name=name[:120])
                self.issues[code] = made.pk
            parent = self.issues[code]
        return parent

    def _may_create(self, field: str, name: str) -> None:
        if not self.mapping.fields[field].create:
            raise BadValue(_("“%(value)s” is not known here") % {"value": name[:80]})
