"""The pieces as HTML: escaped, named for screen readers, right in every state."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django import forms
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone

from portal.ui import marks
from portal.ui.fields import problems
from portal.ui.htmx import conflict, is_htmx, toast, version_of

NOW = datetime(2026, 11, 19, 6, 20, tzinfo=UTC)
EVIL = "<script>alert(1)</script>\"'"


def show(source: str, **context: Any) -> str:
    return Template(source).render(
        Context({"request": RequestFactory().get("/queue/?state=new&tab=mine&cursor=x"), **context})
    )


@pytest.mark.parametrize(
    "source",
    [
        '{% icon "lock" evil %}',
        "{% kbd evil %}",
        "{% severity evil %}",
        "{% case_state evil %}",
        '{% case_state "new" evil %}',
        '{% rag "g" evil %}',
        '{% badge evil evil "lock" %}',
        "{% avatar person %}",
        "{% who person %}",
        "{% who None evil %}",
        '{% progress 5 "" evil %}',
        "{% sla_pill clock %}",
        '{% empty "inbox" evil %}{{ evil }}{% endempty %}',
        '{% banner "red" %}{{ evil }}{% endbanner %}',
        '{% crumbs "/x/" evil "" evil %}',
        "{% query q=evil %}",
    ],
)
def test_what_people_wrote_is_escaped(source: str) -> None:
    html = show(source, evil=EVIL, person={"id": 3, "name": EVIL}, clock={"state": EVIL, "text": EVIL, "due": None})
    assert "<script" not in html
    assert "alert(1)" not in html or "&lt;script&gt;" in html or "%3Cscript" in html or "avatar" in html


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        (
            {"state": "ok", "due": NOW + timedelta(minutes=130), "pct": 60},
            ["2h 10m", 'stroke-dasharray="60 100"', "data-due="],
        ),
        ({"state": "late", "due": NOW + timedelta(minutes=4)}, ["Due now:", "4m", "#i-warn"]),
        ({"state": "breached", "due": NOW - timedelta(minutes=42)}, ["Breached:", "42m over", "#i-over"]),
        ({"state": "paused", "due": None, "text": "Paused, 22h left"}, ["Paused, 22h left", "#i-pause"]),
        ({"state": "met", "due": NOW}, ["Met", "#i-check"]),
        ({"state": "ok", "due": NOW, "left": 3900}, ["1h 05m", 'data-left="3900"']),
    ],
)
def test_pills(clock: dict[str, Any], expected: list[str]) -> None:
    with time_machine.travel(NOW, tick=False):
        html = marks.sla_pill(clock)
    assert [part for part in expected if part not in html] == []
    assert ("data-due" in html) == (clock["state"] not in ("paused", "met"))


def test_a_pill_carries_the_policys_instants_and_can_be_kept_from_ticking() -> None:
    clock = {
        "state": "ok",
        "due": NOW,
        "start": NOW - timedelta(hours=1),
        "warn_at": NOW - timedelta(minutes=15),
        "late_at": None,
    }
    html = marks.sla_pill(clock)
    assert 'data-start="2026-11-19T05:20:00+00:00"' in html
    assert 'data-warn="2026-11-19T06:05:00+00:00"' in html
    assert "data-late" not in html
    assert "data-due" not in marks.sla_pill({**clock, "ticking": False})


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Mei Lin", "ML"),
        ("林美", "美"),
        ("Ana Maria de Souza", "AS"),
        ("plato", "P"),
        ("sana.duarte@x.example", "SE"),
        ("  ", ""),
    ],
)
def test_initials(name: str, letters: str) -> None:
    assert marks.initials(name) == letters


def test_the_query_string_changes_only_where_asked() -> None:
    assert show("{% query cursor=None state='triaged' %}") == "?state=triaged&amp;tab=mine"
    assert show("{% query site=many state='' cursor=None %}", many=[1, 2]) == "?tab=mine&amp;site=1&amp;site=2"


class Example(forms.Form):
    name = forms.CharField(label="Name", help_text="As they want to be called.")
    kind = forms.ChoiceField(label="Kind", choices=[("a", "A")], widget=forms.RadioSelect)
    note = forms.CharField(label="Note", widget=forms.Textarea, required=False)
    secret = forms.CharField(widget=forms.HiddenInput)
    agreed = forms.BooleanField(label="Agreed")

    def clean(self) -> None:
        raise forms.ValidationError("Both at once will not do.")


def test_a_field_ties_label_hint_and_error_to_its_control() -> None:
    html = show("{% field form.name %}", form=Example({}))
    assert '<label for="id_name">Name</label>' in html
    assert 'aria-describedby="id_name_hint id_name_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="id_name_error"' in html
    assert html.count('id="id_name_hint"') == 1


def test_choices_are_a_group_with_a_legend_and_a_tick_box_has_its_label_beside_it() -> None:
    html = show("{% field form.kind %}{% field form.agreed %}", form=Example({}))
    assert (
        '<fieldset class="field" id="id_kind" tabindex="-1" aria-describedby="id_kind_error"><legend>Kind</legend>'
        in html
    )
    assert '<label class="check" for="id_agreed"><input' in html


def test_the_banner_names_everything_that_is_wrong_in_order() -> None:
    form = Example({})
    assert [(problem.target, problem.label) for problem in problems(form)] == [
        ("", ""),
        ("id_name", "Name"),
        ("id_kind", "Kind"),
        ("", "Secret"),
        ("id_agreed", "Agreed"),
    ]
    html = show("{% form_errors form %}", form=form)
    assert "5 things need a fix before you can go on" in html
    assert '<a href="#id_name">Name: This field is required.</a>' in html
    assert show("{% form_errors form %}", form=Example()) == ""


def test_a_form_by_itself_looks_like_its_fields() -> None:
    html = str(Example())
    assert html.count('class="input"') == 2
    assert '<input type="hidden" name="secret"' in html
    assert show("{{ form.name.as_field_group }}", form=Example()) in html


def test_times_say_their_full_instant() -> None:
    with time_machine.travel(NOW, tick=False), timezone.override("Asia/Shanghai"):
        assert (
            show("{% local_time at %}", at=NOW)
            == '<time datetime="2026-11-19T06:20:00+00:00" title="Thu 19 Nov, 14:20">14:20</time>'
        )
        assert show("{% local_time at %}", at=None) == ""


def test_toasts_are_appended_out_of_band_and_a_204_stays_without_a_swap() -> None:
    from django.http import HttpResponse

    response = toast(HttpResponse("<p>row</p>"), EVIL, undo_url="/undo/")
    assert response.content.decode().startswith(
        '<p>row</p><div hx-swap-oob="beforeend:#toasts"><div class="toast" data-tone="ok">'
    )
    assert "<script" not in response.content.decode()
    empty = toast(HttpResponse(status=204), "Saved")
    assert (empty.status_code, empty["HX-Reswap"]) == (200, "none")


def test_a_conflict_is_a_toast_for_htmx() -> None:
    request = RequestFactory().post("/", headers={"HX-Request": "true"})
    response = conflict(request, "Not saved. Chen Wei changed this case a moment ago.", "/cases/EC-1/")
    assert (response.status_code, response["X-Toast"]) == (409, "1")
    assert '<a class="btn btn--sm btn--quiet" href="/cases/EC-1/">Reload</a>' in response.content.decode()


@pytest.mark.parametrize(
    ("headers", "fragment"),
    [
        ({}, False),
        ({"HX-Request": "true"}, True),
        ({"HX-Request": "true", "HX-Boosted": "true"}, False),
        ({"HX-Request": "true", "HX-History-Restore-Request": "true"}, False),
    ],
)
def test_who_gets_a_fragment(headers: dict[str, str], fragment: bool) -> None:
    assert is_htmx(RequestFactory().get("/", headers=headers)) is fragment


def test_versions_tell_rows_apart() -> None:
    assert version_of(1, "a") == version_of(1, "a")
    assert len({version_of(1, "a"), version_of(1, "b"), version_of(1), version_of("1a")}) == 4
