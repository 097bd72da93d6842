"""Reports that arrive at the same moment make one incident; for real, on a database of its own."""

import threading

import pytest
from django.db import DatabaseError, connection

from access_requests.actions import trouble
from access_requests.models import Incident, TroubleReport
from tests.access_requests.readiness_world import wave
from tests.databases import Database

pytestmark = pytest.mark.processes


def test_five_at_once_are_one_incident_and_a_sixth_joins_it(fresh_database: Database) -> None:
    made = wave()
    lead = made.actor("lead")
    people = [made.joiner(f"Agent {number}", -50) for number in range(6)]
    start, wrong = threading.Barrier(5), []

    def run(person_id: int) -> None:
        try:
            start.wait(30)
            trouble.report(actor=lead, site_id=made.site.pk, person_id=person_id, symptom="vpn")
        except DatabaseError as fault:
            wrong.append(repr(fault))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(one.pk,)) for one in people[:5]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    incident = Incident.objects.get()
    assert incident.members.count() == TroubleReport.objects.count() == 5
    sixth = trouble.report(actor=lead, site_id=made.site.pk, person_id=people[5].pk, symptom="vpn")
    assert sixth.incident == incident
    assert incident.members.count() == 6
