"""Why something is not possible, in words."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Reason(models.TextChoices):
    """Why something is not possible."""

    NOT_VISIBLE = "not_visible", _("There is no such case, or it is not yours to see.")
    ONLY_TO_READ = "only_to_read", _("This case is open to you to read, and no more.")
    NOT_YOUR_ROLE = "not_your_role", _("Your role does not allow this.")
    NOT_POSSIBLE = "not_possible", _("This is not possible in the case's present state.")
    TOO_LATE_TO_REOPEN = "too_late_to_reopen", _("A case can be reopened within 14 days of being resolved.")
    NOT_YOURS_TO_GIVE = (
        "not_yours_to_give",
        _("Somebody else owns the case. They offer it, or whoever assigns its cases."),
    )
    PART_NEEDED = "part_needed", _("Write a few words, or tick that there is nothing.")
    WORDS_OR_NOTHING = "words_or_nothing", _("Either write something or tick that there is nothing, not both.")
    ALREADY_OFFERED = "already_offered", _("The case is offered to somebody already. Take that offer back first.")
    OFFER_TO_ONESELF = "offer_to_oneself", _("Choose somebody else.")
    OFFER_OWN = "offer_own", _("You offered this yourself. Take it back instead.")
    OFFER_SETTLED = "offer_settled", _("This offer was answered or taken back meanwhile.")
    NOBODY_THERE_SEES = (
        "nobody_there_sees",
        _("Nobody of this service may see the case, and an offer does not change that."),
    )
    DUE_UNFIT = "due_unfit", _("Choose a time that is still to come, within a year.")
    ASKED_ONESELF = "asked_oneself", _("Ask somebody else.")
    CANNOT_BE_ASKED = "cannot_be_asked", _("This person may not see the case, and a question does not change that.")
    ALREADY_ASKED = "already_asked", _("This person was asked about the case already and has not answered yet.")
    CONSULT_SETTLED = "consult_settled", _("This question was answered or withdrawn meanwhile.")
    SIGNALS_FORCE = "signals_force", _("These signals make it S1. Remove the signal to choose another severity.")
    REASON_NEEDED = "reason_needed", _("Say why.")
    TEXT_NEEDED = "text_needed", _("Write something.")
    TEXT_TOO_LONG = "text_too_long", _("Shorten the text.")
    SUBJECT_NEEDED = "subject_needed", _("Give the case a subject.")
    OWNER_CANNOT_WORK = "owner_cannot_work", _("This person cannot see or work the case.")
    NOT_FOR_ONESELF = "not_for_oneself", _("Nobody decides for themselves. Ask another service lead.")
    NOT_RESTRICTED = "not_restricted", _("The case is not restricted.")
    ALREADY_THEIRS = "already_theirs", _("The case is assigned to this person already.")
    ALREADY_UNASSIGNED = "already_unassigned", _("The case is unassigned already.")
    ALREADY_JUDGED = "already_judged", _("The case is judged this way already.")
    ALREADY_THERE = "already_there", _("The case is with this service already.")
    ALREADY_AS_SENSITIVE = "already_as_sensitive", _("The case has this sensitivity already.")
    ALREADY_GRANTED = "already_granted", _("This person has access already.")
    ALREADY_ENDED = "already_ended", _("This access has ended already.")
    ALREADY_OPEN_TO_YOU = "already_open_to_you", _("You can see this case already.")
    FACT_REPLACED = "fact_replaced", _("Somebody corrected this a moment ago. Look at what stands there now.")
    LINK_TO_ITSELF = "link_to_itself", _("A case cannot be linked to itself. Choose another one.")
    ALREADY_LINKED = "already_linked", _("These two cases are linked already.")
    LINK_ENDED = "link_ended", _("This link has been removed already.")
    SPLIT_STAYS = "split_stays", _("A case that was split off stays linked to where it came from.")
    NOTHING_TO_SPLIT = "nothing_to_split", _("Choose at least one message.")
    NOTHING_CHANGED = "nothing_changed", _("Nothing was changed. Correct a field, or go back.")
    ALREADY_REVIEWED = "already_reviewed", _("This has been reviewed already.")
    ALREADY_REDACTED = "already_redacted", _("This text has been removed already.")
    NOT_GRANTABLE = "not_grantable", _("Access can be granted to coordinators, partner managers and associates.")
    IN_FUTURE = "in_future", _("Choose a time that is not in the future.")
    BEFORE_OPENED = "before_opened", _("Choose a time after the case was opened.")
    UNKNOWN_SERVICE = "unknown_service", _("Choose a service.")
    SERVICE_ARCHIVED = "service_archived", _("This service was archived and takes no more cases.")
    UNKNOWN_SITE = "unknown_site", _("Choose one of your sites.")
    UNKNOWN_ISSUE = "unknown_issue", _("Choose an issue type.")
    UNKNOWN_VALUE = "unknown_value", _("Choose one of the values offered.")
    NO_HIGHER_LEVEL = "no_higher_level", _("The case stands at the highest escalation level.")
    NAME_NEEDED = "name_needed", _("Give it a name.")
    MACRO_EMPTY = "macro_empty", _("A macro does at least one thing.")
    NOTE_NEEDED = "note_needed", _("Write the note in English, too: not everybody who runs the macro reads Chinese.")
    MACRO_TEMPLATE_ARCHIVED = (
        "macro_template_archived",
        _("The template of this macro is archived. Bring it back, or choose another one in the macro."),
    )
    NAME_TAKEN = "name_taken", _("This name is taken.")
    TEMPLATE_UNREADABLE = "template_unreadable", _("A variable in the text cannot be read.")
    TEMPLATE_ELSEWHERE = (
        "template_elsewhere",
        _("The service that has the case now does not have the template that the text is from."),
    )
    GAPS_LEFT = "gaps_left", _("Fill in what is still missing: %(gaps)s.")
    ASKS_KNOWN = "asks_known", _("The template asks for what is known already: %(facts)s. Say why it has to be asked.")
    CODE_UNFIT = "code_unfit", _("Use letters, digits, hyphens and underscores for the code.")
    CODE_TAKEN = "code_taken", _("This code is taken.")
    STALE = "stale", _("Not saved. Somebody changed this a moment ago.")
    MERGED = "merged", _("The case was merged. Go on in the one it was merged into.")
    MERGE_INTO_ITSELF = "merge_into_itself", _("A case cannot be merged into itself. Choose another one.")
    TARGET_MERGED = "target_merged", _("That case was merged itself. Choose the one it was merged into.")
    TARGET_MERGED_INTO = "target_merged_into", _("That case was merged into %(ref)s. Choose %(ref)s instead.")
    TARGET_ENDED = "target_ended", _("That case is resolved or has ended. Reopen it first, or choose an open one.")
    NOBODY_FREE = "nobody_free", _("Nobody who is on duty can take this case now.")
    NOTHING_TO_TAKE = "nothing_to_take", _("There is no unassigned case for you now.")
    NEXT_ABOVE_CAP = (
        "next_above_cap",
        _(
            "You have as much as you take at once; the cases that wait would go beyond it. A lead of the service sets it."
        ),
    )
    NEXT_OTHER_ISSUES = (
        "next_other_issues",
        _("The cases that wait are of issue types that you do not take. A lead of the service sets them."),
    )
    NEXT_OTHER_LANGUAGE = (
        "next_other_language",
        _("The cases that wait are in languages that you do not take. A lead of the service sets them."),
    )
    TOO_MANY = "too_many", _("Choose at most 200 cases.")
    NO_MAILBOX = "no_mailbox", _("The service has no mailbox to write from.")
    ADDRESS_NEEDED = "address_needed", _("Give an e-mail address.")
    MAILBOX_TAKEN = "mailbox_taken", _("Choose a mailbox that is no service’s yet.")
    STEP_OPEN = "step_open", _("Not resolved: the playbook asks for this step first: %(step)s")
    REOPEN_FIRST = "reopen_first", _("Another playbook would be for the case then. Reopen the case first.")
    STEP_NOT_ASKED = "step_not_asked", _("The playbook of this case does not ask for this step now.")
    STEP_IS_SETTLED = "step_is_settled", _("This step is done or skipped already.")
    STEP_IS_OPEN = "step_is_open", _("This step is open already.")
    STEP_REQUIRED = "step_required", _("This step is required and cannot be skipped.")
    ANSWER_NEEDED = "answer_needed", _("Choose one of the answers.")
    WORDS_NEEDED = "words_needed", _("Say in a few words what was done.")
    FILE_NEEDED = "file_needed", _("Add the file that shows it.")
    PLAYBOOK_TAKEN = "playbook_taken", _("There is a playbook for this service, issue type and severity already.")
    PLAYBOOK_HAS_DRAFT = "playbook_has_draft", _("There is a draft already. Edit that one.")
    PLAYBOOK_EMPTY = "playbook_empty", _("Write at least one step first.")
    BRANCH_BROKEN = "branch_broken", _("“%(step)s” hangs on an answer that no earlier step gives.")
    ANSWERS_TOO_FEW = "answers_too_few", _("“%(step)s” needs two different answers, or none.")
    NO_TERMS = "no_terms", _("This jurisdiction gives no term for complaints received on that day.")
    ALREADY_REGULATED = "already_regulated", _("The case is a regulated complaint already.")
    NOT_REGULATED = "not_regulated", _("The case is no regulated complaint.")
    NOT_OWED = "not_owed", _("The law does not wait for this answer, or it was recorded already.")
    FINAL_OWED = "final_owed", _("By law an answer is still owed: %(duties)s. Say why the case ends all the same.")
    BEFORE_RECEIVED = "before_received", _("Choose a time after the complaint was received.")
    EVIDENCE_NEEDED = "evidence_needed", _("Add the file that shows what was sent, and say who sent it.")
    TERM_OVERLAPS = "term_overlaps", _("A later term begins on or before that day. End that one first.")
    PACK_TOO_LARGE = "pack_too_large", _("The case is too large for an evidence pack. Download its files one by one.")
    PACK_WAITS = "pack_waits", _("A pack of this case is being made for you already. You hear when it is ready.")
    PACKS_ENOUGH = (
        "packs_enough",
        _("%(count)s packs of this case are ready for you. Use one of them; the oldest is deleted on %(day)s."),
    )
    NEVER_WORKS = "never_works", _("The calendar of this jurisdiction has no working days.")
    STEP_GONE = "step_gone", _("Somebody removed this step meanwhile.")
    NOT_YOURS = "not_yours", _("The case is not yours to hand on.")
    LINE_NEEDED = "line_needed", _("Write a line about %(ref)s: S1 and S2 are not handed over without one.")
    TAKER_UNKNOWN = "taker_unknown", _("Choose somebody of these cases’ services, and not yourself.")
    TAKER_AT_CAP = (
        "taker_at_cap",
        _("%(name)s would have more than they take at once. Keep some of these cases."),
    )
    NOTHING_TO_HAND = (
        "nothing_to_hand",
        _("There is no case left to hand over: they are not yours or not open any more."),
    )
    OWNER_OR_LEAD = "owner_or_lead", _("Only the owner of the case and the leads of its service do this.")
    BRIEF_OVERTAKEN = (
        "brief_overtaken",
        _("Somebody wrote version %(number)s meanwhile. Look at it, then send yours again or leave it."),
    )
    BRIEF_SAYS_NOTHING = "brief_says_nothing", _("Say what the situation is.")
    BRIEF_NAMES = "brief_names", _("This goes to readers who do not see the case. Take out: %(names)s")
    BRIEF_SOURCE_GONE = "brief_source_gone", _("Something that you picked was changed meanwhile. Choose again.")
    BRIEF_READER_UNKNOWN = "brief_reader_unknown", _("Choose somebody who may see the case, or give a name.")
    BRIEF_GIVEN_ALREADY = "brief_given_already", _("This person has a copy of this version already.")
    BRIEF_LEVEL_TOO_FULL = "brief_level_too_full", _("This reader may not be given so much. Choose another level.")
    BRIEF_WRITTEN_NARROWER = "brief_written_narrower", _("This version was written for a level that says less.")
    BRIEF_WITHOUT_NEUTRAL = (
        "brief_without_neutral",
        _("This version has no situation for readers who do not see the case. Write a version that has one."),
    )
    BRIEF_NAMES_SINCE = (
        "brief_names_since",
        _(
            "Since this version was written, names have come into the case that stand in it: %(names)s. Write a new version "
            "without them."
        ),
    )
    FEEDBACK_TOO_EARLY = "feedback_too_early", _("Feedback is given once the case is closed.")
    FEEDBACK_TO_NOBODY = "feedback_to_nobody", _("Nobody owned the case when it closed.")
    FEEDBACK_OWN_WORK = "feedback_own_work", _("You owned this case yourself.")
    FEEDBACK_GIVEN = "feedback_given", _("You gave feedback on this case already.")
    FEEDBACK_FIXED = "feedback_fixed", _("Feedback stays as it is after 24 hours, or once it is answered.")
    FEEDBACK_ANSWERED = "feedback_answered", _("You answered this already.")
