"""What is corrected reaches the page at the next turn of the worker, which comes every few seconds."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from kpis.models import Batch
from kpis.tasks import recompute
from portal.accounts.choices import Role
from portal.celery import app
from tests.factories.partners import ProgrammeFactory, QueueFactory, SiteFactory, signed_in
from tests.kpis.test_import_pages import csv

pytestmark = pytest.mark.django_db
PAGE = "/performance/sites/CTU/?period=2026-11"


@pytest.fixture
def manager(settings: Any, tmp_path: Path) -> Client:
    settings.FILES_ROOT = tmp_path
    site = SiteFactory.create(code="CTU", name="Chengdu", time_zone="Asia/Shanghai")
    QueueFactory.create(programme=ProgrammeFactory.create(site=site, code="CARE"), code="VOICE")
    return signed_in(Role.MANAGER, partner=site.partner)


def brought(client: Client, row: str) -> None:
    data = {"kind": "contacts", "mode": "whole", "file": SimpleUploadedFile("contacts.csv", csv(row))}
    client.post(reverse("kpis:import_new"), data)
    client.post(reverse("kpis:import_apply", args=[Batch.objects.latest("pk").pk]))


def test_a_correction_is_on_the_page_after_one_turn(manager: Client) -> None:
    brought(manager, "CTU,CARE,VOICE,2026-11-02 09:00,1800,40,40,30")
    recompute()
    assert "75.0%" in manager.get(PAGE).content.decode()
    brought(manager, "CTU,CARE,VOICE,2026-11-02 09:00,1800,40,40,36")
    before = manager.get(PAGE).content.decode()
    assert "75.0%" in before
    assert "90.0%" not in before
    recompute()
    after = manager.get(PAGE).content.decode()
    assert "90.0%" in after
    assert "75.0%" not in after


def test_turns_come_often_enough_for_a_minute() -> None:
    turns = [one for one in app.conf.beat_schedule.values() if one["task"] == recompute.name]
    assert turns
    assert max(float(one["schedule"]) for one in turns) <= 15
