"""The life of an invitation."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from portal.accounts import actions
from portal.accounts.actions import Grant
from portal.accounts.choices import Role
from portal.accounts.models import Invitation, Membership, User
from portal.accounts.queries import actor_for
from portal.accounts.rules import Actor, RefusedError
from portal.accounts.tokens import hash_of
from portal.audit.models import AuditEntry
from tests.factories.accounts import PASSWORD, PlaceSiteFactory, UserFactory, administrator

pytestmark = pytest.mark.django_db
Mails = Callable[[], list[dict[str, str]]]


@pytest.fixture
def admin() -> Actor:
    return actor_for(administrator())


def _invite(admin: Actor, **more: object) -> User:
    values: dict[str, object] = {"email": "mei.lin@example.test", "name": "Mei Lin", "grants": [Grant(Role.AUDITOR)]}
    return actions.invite(actor=admin, **(values | more))  # type: ignore[arg-type]


def _link(mails: Mails) -> str:
    found = re.search(r"http\S+/account/invitation/\S+/", mails()[-1]["text"])
    assert found
    return found[0].removeprefix("http://localhost:8000")


def _choose(client: Client, link: str, password: str = PASSWORD, again: str = "") -> "tuple[int, str]":
    response = client.post(link, {"password1": password, "password2": again or password}, follow=True)
    return response.status_code, response.content.decode()


def test_an_invited_person_chooses_a_password_and_signs_in(admin: Actor, mails: Mails, client: Client) -> None:
    site = PlaceSiteFactory()
    user = _invite(admin, language="zh-hans", grants=[Grant(Role.PARTNER_LEAD, site_id=site.pk)])

    assert mails()[-1]["to"] == "mei.lin@example.test"
    assert mails()[-1]["language"] == "zh-hans"
    page = client.get(_link(mails)).content.decode()
    assert "Mei Lin" in page
    assert "mei.lin@example.test" in page

    assert _choose(client, _link(mails))[0] == 200
    assert client.login(email="mei.lin@example.test", password=PASSWORD)
    user.refresh_from_db()
    assert actor_for(user).of(Role.PARTNER_LEAD)[0].site_id == site.pk
    verbs = list(
        AuditEntry.objects.filter(subject_id=user.pk, subject_type="user")
        .order_by("pk")
        .values_list("verb", "actor_id")
    )
    assert verbs[:3] == [
        ("user.invited", admin.user_id),
        ("user.role_given", admin.user_id),
        ("user.accepted", user.pk),
    ]


def test_the_person_of_that_address_is_linked(admin: Actor) -> None:
    from django.apps import apps

    people = apps.get_model("partners", "Person")
    person = people.objects.create(name="Mei Lin", email="Mei.Lin@example.test")
    people.objects.create(name="Somebody Else", email="else@example.test")
    user = _invite(admin)
    stranger = _invite(admin, email="nobody@example.test")

    assert user.person_id == person.pk
    assert actor_for(user).person_id == person.pk
    assert stranger.person_id is None
    assert AuditEntry.objects.get(verb="user.invited", subject_id=user.pk).changes["person_id"] == person.pk


def test_the_database_knows_only_the_hash_and_only_for_a_week(admin: Actor, mails: Mails) -> None:
    user = _invite(admin)
    token = _link(mails).rstrip("/").rsplit("/", 1)[1]
    row = Invitation.objects.get(user=user)

    assert len(token) == 43
    assert row.token_hash == hash_of(token)
    assert token not in str(Invitation.objects.values())
    assert row.expires_at - row.created_at == timedelta(days=7)


def test_a_link_works_once(admin: Actor, mails: Mails, client: Client) -> None:
    _invite(admin)
    _choose(client, _link(mails))
    status, text = _choose(Client(), _link(mails), "another long enough password")

    assert status == 410
    assert "has been used" in text
    assert not Client().login(email="mei.lin@example.test", password="another long enough password")


def test_an_expired_link_says_so(admin: Actor, mails: Mails, client: Client) -> None:
    user = _invite(admin)
    Invitation.objects.filter(user=user).update(expires_at=timezone.now())

    assert "has expired" in client.get(_link(mails)).content.decode()
    status, text = _choose(client, _link(mails))
    assert (status, "has expired" in text) == (410, True)
    user.refresh_from_db()
    assert not user.has_usable_password()


def test_inviting_again_withdraws_the_earlier_link(admin: Actor, mails: Mails, client: Client) -> None:
    user = _invite(admin)
    first = _link(mails)
    actions.reinvite(actor=admin, user_id=user.pk)

    assert _link(mails) != first
    assert "replaced or withdrawn" in client.get(first).content.decode()
    assert client.get(_link(mails)).status_code == 200


@pytest.mark.parametrize("token", ["x", "%00", "%F0%9F%90%B2", "a" * 4000, "..%2F..%2Fetc", "' OR 1=1 --"])
def test_a_wrong_link_is_a_message_and_never_an_error(token: str, client: Client) -> None:
    for response in (client.get(f"/account/invitation/{token}/"), client.post(f"/account/invitation/{token}/")):
        assert response.status_code in {404, 410}
        assert "<h1>" in response.content.decode()


def test_deactivating_closes_the_way_in(admin: Actor, mails: Mails, client: Client) -> None:
    user = _invite(admin)
    actions.deactivate(actor=admin, user_id=user.pk)

    assert "replaced or withdrawn" in client.get(_link(mails)).content.decode()


@pytest.mark.parametrize(
    ("password", "again", "message"),
    [
        ("short", "", "at least 12 characters"),
        ("123456789012", "", "entirely numeric"),
        ("mei.lin@example.test", "", "too similar"),
        (PASSWORD, PASSWORD + "x", "The two passwords differ."),
        ("a" * 201, "", "at most 200 characters"),
        ("long enough \x00 password", "", "Null characters"),
    ],
)
def test_a_bad_password_is_said_at_its_field(
    admin: Actor, mails: Mails, password: str, again: str, message: str
) -> None:
    _invite(admin)
    status, text = _choose(Client(), _link(mails), password, again)

    assert status == 422
    assert message in text


def test_an_address_is_invited_once_whatever_its_case(admin: Actor) -> None:
    UserFactory(email="mei.lin@example.test")
    with pytest.raises(RefusedError, match="email_taken"):
        _invite(admin, email="MEI.lin@example.test")

    assert not Membership.objects.filter(role=Role.AUDITOR).exists()


def test_a_scope_that_does_not_fit_leaves_nobody_behind(admin: Actor, mails: Mails) -> None:
    with pytest.raises(RefusedError, match="scope"):
        _invite(admin, grants=[Grant(Role.PARTNER_LEAD)])

    assert not User.objects.filter(email="mei.lin@example.test").exists()
    assert mails() == []


def test_whoever_has_come_in_is_not_invited_again(admin: Actor) -> None:
    with pytest.raises(RefusedError, match="already_accepted"):
        actions.reinvite(actor=admin, user_id=UserFactory().pk)
