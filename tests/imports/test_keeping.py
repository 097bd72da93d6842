"""Lists for which the disk has no room: that is what is said, and nothing half is read."""

import errno
import io

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from access_requests.forms import intake
from partners.models import Roster
from portal.accounts.choices import Role
from portal.files.checking import LostUpload
from portal.imports.errors import ImportRefused
from portal.imports.keeping import as_file
from tests.disks import disk_that_takes
from tests.factories.partners import SiteFactory, signed_in

FULL = "There is no room for files at the moment"
#: More than an upload keeps in memory.
LONG = b"employee_no,name\n" + b"BW-1,Lin Xia\n" * 200_000


def test_what_came_in_is_a_file_while_it_is_read() -> None:
    for content in (b"a\nb", ContentFile(b"a\nb")):
        with as_file(content) as path:
            assert path.read_bytes() == b"a\nb"
        assert not path.parent.exists()


def test_a_list_without_room_is_no_empty_list() -> None:
    lost = LostUpload(io.BytesIO(), "list.csv", "text/csv", 1)
    with pytest.raises(ImportRefused, match=FULL):
        intake.read_upload(lost)
    with disk_that_takes(1000):
        with pytest.raises(ImportRefused, match=FULL):
            intake.read_upload(SimpleUploadedFile("list.csv", LONG))
        with pytest.raises(ImportRefused, match=FULL):
            intake.read_text(LONG[:2000].decode())


def test_another_fault_of_the_disk_is_told_as_it_is() -> None:
    with pytest.raises(OSError, match="broken"), as_file(b"x"):
        raise OSError(errno.EIO, "broken")


@pytest.mark.django_db
@pytest.mark.parametrize("size", [2000, len(LONG)])
def test_a_roster_without_room_says_so_at_its_field(size: int) -> None:
    site = SiteFactory(code="CTU")
    lead: Client = signed_in(Role.PARTNER_LEAD, site=site)
    sent = {"site": "CTU", "as_of": "2026-11-01", "file": SimpleUploadedFile("roster.csv", LONG[:size])}
    with disk_that_takes(1000):
        page = lead.post(reverse("partners:roster_new"), sent)
    assert page.status_code == 422
    assert FULL in page.content.decode()
    assert not Roster.objects.exists()
