"""`manage.py weekly_report --site S --week 2026-W46 [--json]`."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kpis.rules.periods import Period, parse
from partners import queries as directory
from portal.accounts.rules import SYSTEM
from reviews.actions.files import render_pack
from reviews.actions.freezing import freeze, try_again
from reviews.actions.making import by_hand
from reviews.blocks import Text
from reviews.choices import Format, PackState, Scope
from reviews.models import Pack, ReviewKind
from reviews.queries.content import draft_hash
from reviews.rendering import render
from reviews.wording.packs import told


class Command(BaseCommand):
    """Makes a site's weekly pack now, or says how the one that there is stands."""

    help = "Make the weekly pack of a site now: its numbers, and the files of it. Run again, it is the same pack."

    def add_arguments(self, parser: CommandParser) -> None:
        """The site and the week."""
        parser.add_argument("--site", required=True, help="code of the site")
        parser.add_argument("--week", required=True, help="ISO week, such as 2026-W46")
        parser.add_argument("--kind", default="weekly", help="code of the kind of review, if not the weekly pack")
        parser.add_argument("--json", action="store_true", help="end with one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it, freeze it, and say what it is."""
        kind = ReviewKind.objects.filter(code=options["kind"], archived_at=None, rhythm="week").first()
        if kind is None:
            raise CommandError(f"There is no weekly kind of review {options['kind']}.")
        place = {"scope": Scope.SITE, "site_id": _site(options["site"])}
        pack = by_hand(kind, place, _week(options["week"]), language="en", formats=Format.values, actor=SYSTEM)
        if pack.state == PackState.WAITING:
            try_again(pack)
            freeze(pack.pk)
            pack.refresh_from_db()
        if pack.state == PackState.WAITING:
            raise CommandError(f"The pack waits for its numbers: {pack.error or 'another worker has it in hand'}")
        render_pack(pack, render)
        self._report(pack, options["json"])

    def _report(self, pack: Pack, as_json: bool) -> None:
        missing = [told(Text(code=one["code"], params=one["params"])) for one in pack.missing]
        files = [
            {
                "format": one.format,
                "language": one.language,
                "state": one.state,
                "bytes": one.file.size if one.file else None,
            }
            for one in pack.files.select_related("file")
        ]
        found = {
            "pack": pack.pk, "state": pack.state, "revision": pack.revision, "hash": pack.content_hash or draft_hash(pack),
            "exceptions": pack.lines.filter(needs_comment=True).count(), "missing": missing, "files": files,
        }  # fmt: skip
        self.stdout.write(
            f"Pack {pack.pk}, {pack.get_state_display()}, revision {pack.revision}, {found['exceptions']} exceptions"
        )
        self.stdout.write(f"Hash {found['hash']}")
        for text in missing:
            self.stdout.write(text)
        for one in files:
            self.stdout.write(f"{one['format']} ({one['language']}): {one['state']}, {one['bytes'] or 0} bytes")
        if as_json:
            self.stdout.write(json.dumps(found, ensure_ascii=False))


def _site(code: str) -> int:
    found = directory.site_ids_by_code([code]).get(code)
    if found is None:
        raise CommandError(f"There is no site {code}.")
    return found


def _week(text: str) -> Period:
    period = parse(text)
    if period is None or period.grain != "week":
        raise CommandError(f"{text} is no ISO week; write it like 2026-W46.")
    return period
