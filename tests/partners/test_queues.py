"""Queues of a programme: listed, added, renamed, archived; by whom, and the second of two editors told."""

import pytest

from partners import queries
from partners.models import Queue
from portal.audit.queries import audit_of
from tests.factories.partners import ProgrammeFactory, QueueFactory, SiteFactory, actor, signed_in

pytestmark = pytest.mark.django_db


def test_a_queue_from_its_programme_and_back() -> None:
    programme = ProgrammeFactory()
    client = signed_in("coordinator", site=programme.site)
    page = f"/directory/programmes/{programme.pk}/"
    typed = {"name": "Hosts, voice", "name_zh": "房东热线", "code": "hosts-v"}
    added = client.post(f"{page}queues/new/", typed, follow=True)
    assert added.redirect_chain == [(page, 302)]
    queue = Queue.objects.get(programme=programme)
    assert (queue.name, queue.name_zh, queue.code) == ("Hosts, voice", "房东热线", "HOSTS-V")
    assert "Hosts, voice" in added.content.decode()
    renamed = client.post(
        f"/directory/queues/{queue.pk}/change/", {**typed, "name": "Hosts by phone", "version": queue.version}
    )
    assert renamed.status_code == 302
    late = client.post(f"/directory/queues/{queue.pk}/change/", {**typed, "name": "Hosts", "version": queue.version})
    assert late.status_code == 409
    assert "Name is now Hosts by phone" in late.content.decode()
    client.post(f"/directory/queues/{queue.pk}/archive/")
    queue.refresh_from_db()
    assert (queue.name, queue.archived_at is not None) == ("Hosts by phone", True)
    client.post(f"/directory/queues/{queue.pk}/restore/")
    queue.refresh_from_db()
    assert queue.archived_at is None
    assert len(audit_of("queue", queue.pk)) == 4
    trail = signed_in("administrator").get("/audit/?type=queue").content.decode()
    assert "Archived a queue" in trail
    assert "Hosts by phone" in trail


def test_codes_are_unique_in_a_programme() -> None:
    queue = QueueFactory(code="VOICE")
    other = QueueFactory(code="VOICE")
    client = signed_in("coordinator", site=queue.programme.site)
    response = client.post(
        f"/directory/programmes/{queue.programme_id}/queues/new/", {"name": "Second", "code": "voice"}
    )
    assert response.status_code == 422
    assert "Another queue of this programme has this code." in response.content.decode()
    assert queue.code == other.code


def test_nothing_is_added_to_an_archived_programme() -> None:
    queue = QueueFactory()
    client = signed_in("coordinator", site=queue.programme.site)
    client.post(f"/directory/queues/{queue.pk}/archive/")
    client.post(f"/directory/programmes/{queue.programme_id}/archive/")
    typed = {"name": "Second", "code": "SECOND"}
    refused = client.post(f"/directory/programmes/{queue.programme_id}/queues/new/", typed)
    assert (refused.status_code, "This programme is archived." in refused.content.decode()) == (422, True)
    back = client.post(f"/directory/queues/{queue.pk}/restore/", follow=True)
    assert "This programme is archived." in back.content.decode()


def test_who_sees_and_changes_queues() -> None:
    queue = QueueFactory()
    site, page = queue.programme.site, f"/directory/programmes/{queue.programme_id}/"
    lead, stranger = actor("partner_lead", site=site), actor("partner_lead", site=SiteFactory())
    assert list(queries.queues_visible_to(lead)) == [queue]
    assert list(queries.queues_visible_to(stranger)) == []
    shown = signed_in("partner_lead", site=site).get(page).content.decode()
    assert queue.name in shown
    assert "New queue" not in shown
    change = f"/directory/queues/{queue.pk}/change/"
    assert signed_in("partner_lead", site=site).get(change).status_code == 403
    assert signed_in("coordinator", site=SiteFactory()).get(change).status_code == 404
