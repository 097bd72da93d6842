"""Cases that somebody raised, on their page in the directory: what the reader may see of them, and nothing else."""

import pytest

from tests.escalations.pages_world import world
from tests.factories.partners import placed

pytestmark = pytest.mark.django_db


def test_the_page_of_a_person_lists_what_they_raised_and_hides_what_is_hidden() -> None:
    made = world()
    person = placed(made.site, name="Zhou Ting")
    made.users["lead"].person = person
    made.users["lead"].save()
    made.case("Guest locked out", by="lead")
    hidden = made.case("A quiet matter", by="lead")
    type(hidden).objects.filter(pk=hidden.pk).update(sensitivity="confidential")
    made.case("Of somebody else", by="coordinator")
    url = f"/directory/people/{person.pk}/"
    page = made.client("coordinator").get(url).content.decode()
    assert [word in page for word in ("Cases raised", "Guest locked out", "A quiet matter", "Of somebody else")] == [
        True, True, False, False,
    ]  # fmt: skip
    other = placed(made.site)
    assert "Cases raised" not in made.client("coordinator").get(f"/directory/people/{other.pk}/").content.decode()
