"""The playbook of a case: its panel, its page, and saying something of a step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from escalations import access, actions, queries, rules
from escalations.actions.playbooks import stale_step
from escalations.choices import StepWhat
from escalations.forms import StepForm
from escalations.forms.steps import seen_in
from escalations.queries import playbooks as following
from escalations.views.case_page import page_context
from escalations.views.common import by_asker, case_reader, case_url, conflict_text, moved_on, refusal
from escalations.views.playbook_panel import PlaybookPanel, panel_of
from escalations.views.undoing import undo_url_for
from portal.accounts.requests import actor_of
from portal.ui.htmx import conflict, is_htmx, toast

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from escalations.models import Case, PlaybookStep

_TOLD: Final[dict[str, StrOrPromise]] = {
    StepWhat.DONE: gettext_lazy("Done: %(step)s"),
    StepWhat.SKIPPED: gettext_lazy("Skipped: %(step)s"),
    StepWhat.UNDONE: gettext_lazy("Open again: %(step)s"),
}


@require_safe
@case_reader
def case_playbook(request: HttpRequest, ref: str) -> HttpResponseBase:
    """The panel for the case's page, or a page of its own."""
    case = access.get_case_inside(actor_of(request), ref)
    return _show(request, case, panel_of(actor_of(request), case, live=is_htmx(request)))


def _show(
    request: HttpRequest, case: Case, panel: PlaybookPanel | None, *, status: int = 200, **late: str
) -> HttpResponse:
    context = {"case": case, "case_url": case_url(case), "playbook": panel, **late}
    template = "escalations/_playbook.html" if is_htmx(request) else "escalations/case_playbook.html"
    response = by_asker(render(request, template, context, status=status))
    if is_htmx(request) and status != 200:
        response["HX-Retarget"], response["HX-Reswap"] = "#playbook", "outerHTML"
    return response


@require_POST
@case_reader
def case_step(request: HttpRequest, ref: str, key: str) -> HttpResponseBase:
    """Tick a step, skip it, or open it again."""
    actor, case = actor_of(request), access.get_case_inside(actor_of(request), ref)
    # Of a case that was resolved or ended meanwhile the action says so, at the form.
    if not rules.may_work(actor, queries.facts_of(actor, case)).ok:
        raise PermissionDenied
    found, seen = following.followed(case), seen_in(request.POST.get("seen", ""))
    # Before the form is looked at, which may ask for something else by now.
    if seen and (found is None or seen != found.seen(key)):
        return _conflict(request, stale_step(case, found, key), key)
    step = _step(found, key)
    form = StepForm(step, request.POST.get("what", ""), request.POST, request.FILES)
    if form.is_valid():
        try:
            return _mark(request, case, step, form)
        except actions.Stale as error:
            return _conflict(request, error, key)
        except actions.Refused as error:
            form.add_error(None, refusal(error))
        except ValidationError as error:
            form.add_error("file" if "file" in form.fields else None, error)
    return _show(request, case, panel_of(actor, case, live=is_htmx(request), bound=(key, form)), status=422)


def _conflict(request: HttpRequest, error: actions.Stale, key: str) -> HttpResponse:
    """Somebody was faster: at the step, or at what the case follows. Without script the words come back with the page."""
    text = _("Not saved. The playbook of this case changed a moment ago.")
    text = text if error.what == "playbook.begun" else conflict_text(error)
    if is_htmx(request) or not request.POST.get("text", "").strip():
        return conflict(request, text, _page_of(error.case))
    return _too_late(request, access.get_case_inside(actor_of(request), error.case.pk), key, text)


def _too_late(request: HttpRequest, case: Case, key: str, why: str) -> HttpResponse:
    """The page as it is by now, with the words: in the form of their step if that is open still, else above the playbook."""
    form = _form_again(request, case, key)
    if form is not None:
        form.add_error(None, why)
    panel = panel_of(actor_of(request), case, live=False, bound=(key, form) if form else None)
    late = {"late_why": why, "late_words": request.POST["text"]} if form is None else {}
    return _show(request, case, panel, status=409, **late)


def _form_again(request: HttpRequest, case: Case, key: str) -> StepForm | None:
    """What was said of a step, to be said once more; None where this is another step by now, or settled or out of reach."""
    found, seen = following.followed(case), seen_in(request.POST.get("seen", ""))
    if found is None or seen is None or not found.is_same(seen) or key not in found.open_keys():
        return None
    if not rules.can_mark_steps(actor_of(request), queries.facts_of(actor_of(request), case)).ok:
        return None
    data = request.POST.copy()
    data["seen"] = "{}.{}".format(*found.seen(key))
    form = StepForm(_step(found, key), data.get("what", ""), data, request.FILES)
    form.is_valid()
    return form if "text" in form.fields else None


def _step(found: following.Followed | None, key: str) -> PlaybookStep:
    step = next((one for one in found.steps if one.key == key), None) if found else None
    if step is None:
        raise Http404
    return step


def _page_of(case: Case) -> str:
    return reverse("escalations:case-playbook", args=[case.ref])


def _mark(request: HttpRequest, case: Case, step: PlaybookStep, form: StepForm) -> HttpResponse:
    data, actor = form.cleaned_data, actor_of(request)
    outcome = actions.mark_step(
        actor=actor,
        ref=case.pk,
        step=step.key,
        what=data["what"],
        answer=data.get("answer", ""),
        text=data.get("text", ""),
        upload=data.get("file"),
        seen=form.seen_counts,
    )
    text, undo_url = str(_TOLD[data["what"]]) % {"step": step.label}, undo_url_for(request, outcome.undo)
    if not is_htmx(request):
        return moved_on(request, f"{_page_of(case)}#step-{step.key}", text, undo_url)
    now = access.get_case(actor, case.pk)
    regions = {**page_context(request, now), "playbook": panel_of(actor, now, live=True)}
    return toast(render(request, "escalations/_case_regions.html", regions), text, undo_url=undo_url)
