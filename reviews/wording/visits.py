"""Why an answer, a visit or a checklist is not kept."""

from django.utils.translation import gettext_lazy as _

REFUSALS = {
    "answer_too_long": _("An answer and a note hold 4000 characters each. Shorten it."),
    "answer_has_nul": _("The text holds a character that no text may hold. Type it again."),
    "answer_and_not_applicable": _("Either the question does not apply, or it has an answer."),
    "answer_is_text": _("This question is answered with words."),
    "answer_is_score": _("This question is answered with a score."),
    "answer_out_of_range": _("Choose one of the scores offered."),
    "change_of_another": _("This was sent with a key of another answer. Open the visit anew."),
    "question_unknown": _("The checklist of this visit does not have this question. Open the visit anew."),
    "visit_cancelled": _("This visit was cancelled."),
    "checklist_not_in_use": _("Choose a checklist that is in use."),
    "visit_is_finished": _("The visit was sent in. Its answers stay as they are."),
    "checklist_taken": _("Another checklist has this code."),
    "checklist_has_draft": _("There is a draft already. Go on with that one."),
    "checklist_empty": _("Every section needs a question, and the checklist a section, before it is used."),
    "checklist_part_gone": _("Somebody removed this meanwhile. Open the checklist anew."),
    "finding_is_shared": _("It is shared with other sites as what it is. Take it back and write another."),
    "finding_no_practice": _("Only a best practice that stands is shared."),
    "code_taken": _("This code is taken here. Choose another."),
}
