"""What `bench.reviews_actions` does within its database: `fill` and `measure`."""

from typing import Final

from django.db import connection, transaction
from django.urls import reverse

from bench.measure import fill_or_measure
from partners.models import Partner, Site
from portal.accounts.choices import Role
from portal.accounts.models import Membership, User

_SITES: Final = 40
_OWNERS: Final = 200
_ROWS: Final = """
INSERT INTO reviews_action (version, title, text, site_id, side, owner_id, due_at, state, is_overdue, source, period, made_by_id, created_at,
                            evidence, done_by_id, done_at, verified_by_id, verified_at)
SELECT 1, 'Action number ' || n || ' of the late shift', '', sites.ids[1 + n %% array_length(sites.ids, 1)],
       CASE WHEN n %% 3 = 0 THEN 'company' ELSE 'partner' END, people.ids[1 + n %% array_length(people.ids, 1)],
       now() + ((n * 37) %% 3000 - 600) * interval '1 hour', given.state, given.state IN ('open', 'under_way') AND (n * 37) %% 3000 < 600,
       (ARRAY['finding', 'pack', 'meeting', 'case', 'scorecard', 'other'])[1 + n %% 6], '', people.ids[1],
       now() - (n %% 700) * interval '1 day', '',
       CASE WHEN given.state IN ('done', 'verified') THEN people.ids[2] END, CASE WHEN given.state IN ('done', 'verified') THEN now() END,
       CASE WHEN given.state = 'verified' THEN %(verifier)s::bigint END, CASE WHEN given.state = 'verified' THEN now() END
  FROM generate_series(1, %(count)s) AS n,
       LATERAL (SELECT (ARRAY['open', 'under_way', 'done', 'verified', 'verified', 'verified', 'dropped'])[1 + n %% 7] AS state) AS given,
       (SELECT array_agg(id ORDER BY id) AS ids FROM partners_site) AS sites, (SELECT %(owners)s::bigint[] AS ids) AS people
"""


@transaction.atomic
def fill(count: int) -> None:
    """Sites, people, actions."""
    partner = Partner.objects.create(name="Partner", code="P")
    sites = [
        Site.objects.create(partner=partner, name=f"Site {at}", code=f"S{at}", time_zone="Asia/Shanghai")
        for at in range(_SITES)
    ]
    owners = [User.objects.create(email=f"o{at}@bench.example", name=f"Owner {at}") for at in range(_OWNERS)]
    for at, owner in enumerate(owners):
        Membership.objects.create(user=owner, role=Role.PARTNER_LEAD, site=sites[at % _SITES])
    verifier = User.objects.create(email="v@bench.example", name="Verifier")
    manager = User.objects.create(email="manager@bench.example", name="Manager")
    Membership.objects.create(user=manager, role=Role.MANAGER, partner=partner)
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, {"count": count, "owners": [one.pk for one in owners], "verifier": verifier.pk})


def pages() -> list[tuple[str, str]]:
    """Name and address."""
    listed, board = reverse("reviews:actions"), reverse("reviews:action_board")
    owner = User.objects.get(email="o7@bench.example").pk
    return [
        ("list, to do", listed),
        ("list, closed", f"{listed}?tab=closed"),
        ("list, a site and a source", f"{listed}?site=S7&source=case"),
        ("list, an owner, overdue", f"{listed}?owner={owner}&overdue=on"),
        ("list, older than 90 days", f"{listed}?age=90"),
        ("board", board),
        ("board, one side", f"{board}?side=company"),
    ]


if __name__ == "__main__":
    fill_or_measure(fill, pages, {"all sites": "manager@bench.example", "one site": "o7@bench.example"})
