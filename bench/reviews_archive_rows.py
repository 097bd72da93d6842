"""What `bench.reviews_archive` does within its database: `fill` and `measure`."""

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

# It sets Django up, which models need.
from bench.measure import fill_or_measure
from bench.reviews_archive import SITES
from portal.accounts.choices import Role
from portal.accounts.models import Membership, User
from reviews.actions.freezing import freeze
from reviews.models import Comment, Line, Pack, PackFile

_NEWEST: Final = 2


@transaction.atomic
def fill(weeks: int) -> None:
    """A real pack of each site, and as many weeks before it of the same numbers; the newest weeks wait for comments."""
    from tests.factories.reviews import PackFactory
    from tests.reviews.packing import a_site

    sites = [a_site(name=f"Site {at}", code=f"B{at}", level=0.55 + 0.03 * at) for at in range(SITES)]
    manager = User.objects.create(email="manager@bench.example", name="Manager")
    lead = User.objects.create(email="lead@bench.example", name="Lead")
    Membership.objects.create(user=lead, role=Role.PARTNER_LEAD, site=sites[7])
    for site in sites:
        Membership.objects.create(user=manager, role=Role.MANAGER, site=site)
        pack = PackFactory.create(site=site, formats=["pdf", "xlsx", "pptx"])
        freeze(pack.pk)
        for back in range(1, weeks):
            before(Pack.objects.get(pk=pack.pk), back, lead)


def before(pack: Pack, back: int, lead: User) -> None:
    """The pack of some weeks earlier, with its lines, files that are asked for, and comments on what needs them."""
    lines, days, data = list(pack.lines.all()), timedelta(weeks=back), pack.data
    pack.pk, pack.state, pack.data, pack.frozen_at = None, "waiting", None, None
    pack.first_day, pack.last_day = pack.first_day - days, pack.last_day - days
    pack.save(force_insert=True)
    made = Line.objects.bulk_create(
        Line(pack=pack, section=one.section, key=one.key, site_id=one.site_id, kpi_id=one.kpi_id, needs_comment=one.needs_comment)
        for one in lines
    )  # fmt: skip
    pack.state, pack.data, pack.frozen_at = "draft", data, timezone.now()
    pack.save()
    if back >= _NEWEST:
        Comment.objects.bulk_create(
            Comment(pack=pack, line=one, text="Two were ill.", side="partner", by=lead)
            for one in made
            if one.needs_comment
        )
    PackFile.objects.bulk_create(
        PackFile(pack=pack, format=one, language="en", of_hash="0" * 64) for one in pack.formats
    )


def pages() -> list[tuple[str, str]]:
    """Name and address."""
    archive = reverse("reviews:packs")
    newest = Pack.objects.filter(site__code="B7").order_by("-first_day")[0]
    return [
        ("archive", archive),
        ("archive, a site", f"{archive}?site=B7"),
        ("archive, a kind and a state", f"{archive}?kind=weekly&state=draft"),
        ("one pack", reverse("reviews:pack", args=[newest.pk])),
        ("My day", "/"),
    ]


if __name__ == "__main__":
    fill_or_measure(fill, pages, {"all sites": "manager@bench.example", "one site": "lead@bench.example"})
