"""An action is raised from a line of a pack, keeps it as its source, and stands at the line from then on."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.accounts.choices import Role
from reviews.models import Action
from reviews.queries.actions import owners_at
from reviews.rules.standing import Place
from tests.factories.accounts import MembershipFactory
from tests.factories.reviews import ActionFactory

from .pack_world import World, browser, member
from .packing import a_site, frozen_pack
from .test_pack_pages import body, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> World:
    """A weekly pack of real figures with red lines."""
    made = World(site=a_site(level=0.5, name="Chengdu", name_zh="成都"), first_day="2026-10-26", last_day="2026-11-01")
    made.pack = frozen_pack(made.site)
    return made


def ways(html: str) -> list[str]:
    return re.findall(r'href="(/reviews/actions/new/\?from=pack:\d+)"', html)


def test_each_line_leads_to_a_short_form_for_those_who_raise_actions(here: World) -> None:
    page = url("pack", here.pack)
    lines = list(here.pack.lines.all())
    for user in (here.manager, here.coordinator, here.lead, here.qa):
        html = browser(user).get(page).content.decode()
        wanted = {f"/reviews/actions/new/?from=pack:{line.pk}" for line in lines}
        assert set(ways(html)) == wanted, "exceptions, other lines and the rows of the scorecard"
    auditor = member(Role.AUDITOR, name="Ada Auditor")
    assert ways(browser(auditor).get(page).content.decode()) == []


def test_what_is_raised_names_the_line_and_stands_there(here: World) -> None:
    line = here.pack.lines.get(key="service-level")
    client = browser(here.coordinator)
    form = client.get(f"/reviews/actions/new/?from=pack:{line.pk}")
    text = body(form)
    assert "Comes out of: Weekly pack · Week 46, 2026 · Service level" in text
    assert "New action at Chengdu" in text
    assert '<option value="service-level" selected>' in form.content.decode(), "its KPI is chosen"
    owner = owners_at([Place(here.site.pk, here.site.partner_id)])[Place(here.site.pk, here.site.partner_id)][0]
    given = {
        "title": "Coach the late shift",
        "owner": owner.pk,
        "due": "2026-12-01",
        "kpi": "service-level",
        "expected": "5",
    }
    made = body(client.post(f"/reviews/actions/new/?from=pack:{line.pk}", given, follow=True))
    action = Action.objects.get()
    assert (action.source, action.line_id, action.site_id) == ("pack", line.pk, here.site.pk)
    assert "Review line: Weekly pack · Week 46, 2026 · Service level" in made
    html = client.get(f"/reviews/actions/{action.ref}/").content.decode()
    assert f'href="/reviews/packs/{here.pack.pk}/#line-{line.pk}"' in html
    page = client.get(url("pack", here.pack)).content.decode()
    exception = page[page.index(f'id="line-{line.pk}"') :]
    assert f"{action.ref} Coach the late shift" in exception[: exception.index("</li>")]


def test_packs_of_others_are_no_source(here: World) -> None:
    line = here.pack.lines.first()
    assert line is not None
    assert browser(here.stranger).get(f"/reviews/actions/new/?from=pack:{line.pk}").status_code == 404
    assert browser(member(Role.AUDITOR)).get(f"/reviews/actions/new/?from=pack:{line.pk}").status_code == 403


def test_a_pack_of_several_sites_raises_actions_at_the_site_of_the_line(here: World) -> None:
    whole = frozen_pack(None, scope="network")
    line = whole.lines.get(site=here.site, key__endswith=":service-level")
    both = member(Role.MANAGER, site=here.site)
    MembershipFactory.create(user=both, role=Role.MANAGER, site=here.other)
    client = browser(both)
    assert f"from=pack:{line.pk}" in client.get(url("pack", whole)).content.decode()
    assert "New action at Chengdu" in body(client.get(f"/reviews/actions/new/?from=pack:{line.pk}"))
    one = browser(member(Role.MANAGER, site=here.site))
    for address in (url("pack", whole), f"/reviews/actions/new/?from=pack:{line.pk}"):
        assert one.get(address).status_code == 404, "whoever does not see the pack does not see its lines"


def test_actions_cost_the_page_no_query_each(here: World) -> None:
    client, page = browser(here.manager), url("pack", here.pack)
    client.get(page)
    with CaptureQueriesContext(connection) as few:
        client.get(page)
    for line in here.pack.lines.all():
        ActionFactory.create_batch(2, site=here.site, line=line, source="pack", owner=here.lead)
    with CaptureQueriesContext(connection) as many:
        assert "Coach the late shift" in body(client.get(page))
    assert len(many) <= len(few)
