"""The administrators' screens."""

from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.accounts import registry
from portal.accounts.choices import Role
from portal.accounts.models import Membership, User
from portal.accounts.queries import actor_for
from tests.factories.accounts import MembershipFactory, PlaceSiteFactory, UserFactory, administrator, somebody

pytestmark = pytest.mark.django_db
SignedIn = Callable[[User], Client]
PAGES = ["users/", "users/invite/", "users/{pk}/"]
BUTTONS = [
    "users/{pk}/roles/", "users/{pk}/stand-ins/", "users/{pk}/invite-again/", "users/{pk}/deactivate/",
    "users/{pk}/reactivate/", "users/{pk}/reset-second-factor/", "roles/{role}/end/",
]  # fmt: skip


@pytest.fixture(autouse=True)
def scopes() -> Iterator[None]:
    """Sites can be chosen, whatever the wings above have registered."""
    from django.apps import apps

    site = apps.get_model("partners", "Site")
    before = dict(registry._sources)
    registry.register_scope(
        "site",
        heading="Sites",
        choices=lambda: list(site.objects.order_by("name").values_list("pk", "name")),
        names=lambda ids: dict(site.objects.filter(pk__in=ids).values_list("pk", "name")),
    )
    yield
    registry._sources.clear()
    registry._sources.update(before)


@pytest.fixture
def client(signed_in: SignedIn) -> Client:
    return signed_in(administrator())


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_others_find_no_such_pages(role: Role, signed_in: SignedIn) -> None:
    user = somebody(Role.AGENT)
    values = {"pk": user.pk, "role": Membership.objects.get(user=user).pk}
    client = signed_in(somebody(role))

    looking = {path: client.get("/account/" + path.format(**values)).status_code for path in PAGES}
    expected = dict.fromkeys(PAGES, 404) | ({"users/": 200, "users/{pk}/": 200} if role == Role.AUDITOR else {})
    assert looking == expected
    assert {client.post("/account/" + path.format(**values)).status_code for path in BUTTONS} == {404}
    user.refresh_from_db()
    assert user.is_active


def test_visitors_sign_in_first() -> None:
    values = {"pk": 1, "role": 1}
    for path in [*PAGES, ""]:
        address = "/account/" + path.format(**values)
        assert Client().get(address)["Location"] == f"/accounts/login/?next={address}"
    for path in BUTTONS:
        assert Client().post("/account/" + path.format(**values))["Location"].startswith("/accounts/login/")


def test_a_piece_of_a_page_sends_the_whole_page_to_sign_in() -> None:
    for path in ("/account/", "/account/users/"):
        response = Client().get(path, headers={"HX-Request": "true"})
        assert (response.status_code, response["HX-Redirect"]) == (204, "/accounts/login/")


def test_an_auditor_looks_and_has_no_buttons(signed_in: SignedIn) -> None:
    user = somebody(Role.AGENT, name="Wang Fang")
    text = signed_in(somebody(Role.AUDITOR)).get(f"/account/users/{user.pk}/").content.decode()

    assert "Wang Fang" in text
    assert "Deactivate" not in text
    assert "Give the role" not in text


def test_the_list_finds_people(client: Client) -> None:
    site = PlaceSiteFactory(name="Chengdu")
    lead = somebody(Role.PARTNER_LEAD, name="Lin Xia", site=site)
    somebody(Role.PARTNER_QA, name="Qi Bo", site=site)
    somebody(Role.PARTNER_LEAD, name="Tom Fry")
    User.objects.create_user("new@example.test", "Ny Bo")
    gone = UserFactory(name="Guy Gone", is_active=False)

    def names(query: str) -> set[str]:
        text = client.get(f"/account/users/?{query}").content.decode()
        return {name for name in ("Lin Xia", "Qi Bo", "Tom Fry", "Ny Bo", "Guy Gone") if f">{name}</a>" in text}

    assert names("") == {"Lin Xia", "Qi Bo", "Tom Fry", "Ny Bo", "Guy Gone"}
    assert names("q=lin") == {"Lin Xia"}
    assert names(f"q={gone.email.upper()}") == {"Guy Gone"}
    assert names(f"role=partner_lead&scope=site:{site.pk}") == {"Lin Xia"}
    assert names("role=partner_lead") == {"Lin Xia", "Tom Fry"}
    assert names("state=invited") == {"Ny Bo"}
    assert names("state=inactive") == {"Guy Gone"}
    Membership.objects.filter(user=lead).update(ended_at=lead.date_joined)
    assert names("role=partner_lead") == {"Tom Fry"}


def test_the_list_costs_the_same_for_one_and_for_many(client: Client) -> None:
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get("/account/users/?q=person").status_code == 200
        return len(queries)

    somebody(Role.PARTNER_LEAD)
    cost()
    one = cost()
    for _ in range(20):
        MembershipFactory(user=somebody(Role.PARTNER_LEAD), role=Role.COORDINATOR, site=PlaceSiteFactory())
    assert cost() == one <= 12


def test_pages_lead_through_everybody_and_back(client: Client) -> None:
    for n in range(120):
        UserFactory(name=f"Z {n // 3:03}")
    seen: list[int] = []
    address = "/account/users/?q=Z+"
    pages = []
    while address:
        response = client.get(address)
        pages.append(address)
        seen += [row.user.pk for row in response.context["rows"]]
        cursor = response.context["page"].next_cursor
        address = f"/account/users/?q=Z+&cursor={cursor}" if cursor else ""
    assert len(pages) == 3
    assert seen == list(User.objects.filter(name__startswith="Z ").order_by("name", "pk").values_list("pk", flat=True))
    back = client.get(f"/account/users/?q=Z+&cursor={response.context['page'].prev_cursor}")
    assert [row.user.pk for row in back.context["rows"]] == seen[50:100]


@pytest.mark.parametrize("query", ["cursor=x", "cursor=n99999999999999999999", "cursor=%00"])
def test_a_cursor_of_our_own_making_only(client: Client, query: str) -> None:
    assert client.get(f"/account/users/?{query}").status_code == 400


@pytest.mark.parametrize(
    "query", ["q=%00", "role=emperor", "scope=site:x", "scope=planet:1", "state=x", "q=" + "a" * 9000]
)
def test_odd_filters_are_said_at_their_field(client: Client, query: str) -> None:
    response = client.get(f"/account/users/?{query}")

    assert response.status_code == 200
    assert 'class="error"' in response.content.decode()


@pytest.mark.parametrize("number", [0, 999_999, 10**30])
def test_somebody_who_does_not_exist_is_not_found(client: Client, number: int) -> None:
    assert client.get(f"/account/users/{number}/").status_code == 404
    assert client.post(f"/account/users/{number}/deactivate/").status_code == 404
    assert client.post(f"/account/roles/{number}/end/").status_code == 404
    assert client.post(f"/account/stand-ins/{number}/cancel/").status_code == 404


def test_inviting_by_the_form(client: Client) -> None:
    site = PlaceSiteFactory()
    form = {
        "email": "mei.lin@example.test", "name": "Mei Lin", "language": "zh-hans", "time_zone": "Asia/Shanghai",
        "role": "partner_lead", "scope": f"site:{site.pk}",
    }  # fmt: skip
    assert (
        "Choose a scope that fits the role."
        in client.post("/account/users/invite/", form | {"scope": ""}).content.decode()
    )
    assert (
        "Choose a scope that fits the role."
        in client.post("/account/users/invite/", form | {"is_lead": "on"}).content.decode()
    )
    assert "Invited Mei Lin" in client.post("/account/users/invite/", form, follow=True).content.decode()
    refused = client.post("/account/users/invite/", form | {"email": "MEI.LIN@example.test"})
    assert (refused.status_code, "is here already" in refused.content.decode()) == (422, True)

    user = User.objects.get(email="mei.lin@example.test")
    assert (user.language, user.time_zone, user.has_usable_password()) == ("zh-hans", "Asia/Shanghai", False)
    assert actor_for(user).standings[0].site_id == site.pk


def test_roles_are_given_and_ended_on_the_persons_page(client: Client) -> None:
    user, site = somebody(Role.AGENT, name="Wang Fang"), PlaceSiteFactory(name="Chengdu")
    address = f"/account/users/{user.pk}/"
    page = client.post(
        f"{address}roles/", {"role": "partner_qa", "scope": f"site:{site.pk}"}, follow=True
    ).content.decode()
    assert "Partner QA" in page
    assert "Chengdu" in page
    twice = client.post(f"{address}roles/", {"role": "partner_qa", "scope": f"site:{site.pk}"})
    assert (twice.status_code, "has that role there already" in twice.content.decode()) == (422, True)

    row = Membership.objects.get(user=user, role="partner_qa")
    client.post(f"/account/roles/{row.pk}/end/")
    again = client.post(f"/account/roles/{row.pk}/end/", follow=True).content.decode()
    assert "This has ended already." in again
    assert not actor_for(user).has(Role.PARTNER_QA)
    assert "Gave a role" in again
    assert "Role: Partner QA" in again


def test_deactivating_reactivating_and_refusals_on_the_page(client: Client) -> None:
    user = somebody(Role.AGENT)
    address = f"/account/users/{user.pk}/"
    assert "signed out everywhere" in client.post(f"{address}deactivate/", follow=True).content.decode()
    assert "This has ended already." in client.post(f"{address}deactivate/", follow=True).content.decode()
    assert "Reactivate this person first." in client.post(f"{address}roles/", {"role": "auditor"}).content.decode()
    assert "Give the roles anew" in client.post(f"{address}reactivate/", follow=True).content.decode()
    me = User.objects.get(name="Ada Admin")
    assert (
        "you cannot do this to yourself"
        in client.post(f"/account/users/{me.pk}/deactivate/", follow=True).content.decode()
    )


def test_names_are_shown_as_text(client: Client) -> None:
    user = UserFactory(name="<img src=x onerror=alert(1)>")
    for path in ("users/", f"users/{user.pk}/"):
        assert "<img src=x" not in client.get(f"/account/{path}").content.decode()


@pytest.mark.parametrize("path", BUTTONS)
def test_following_a_link_changes_nothing(path: str, client: Client) -> None:
    assert client.get("/account/" + path.format(pk=1, role=1)).status_code == 405
