"""Doors to the cases: thin functions that read, ask a form, call an action and render."""

from escalations.views.brief_copies import brief_copy, brief_copy_pdf
from escalations.views.briefs import brief_give, brief_new, case_brief, case_briefs
from escalations.views.bulk import bulk
from escalations.views.case import case
from escalations.views.case_events import case_event, case_event_change, case_event_new, case_events
from escalations.views.channel_door import channel_door
from escalations.views.channel_trouble import channel_messages, channel_put_away, channel_retry
from escalations.views.channels import (
    channel,
    channel_change,
    channel_new,
    channel_secret,
    channel_switch,
    channels,
)
from escalations.views.config import matrix, service, service_archive, service_new, services
from escalations.views.consulting import consult, consults
from escalations.views.evidence import case_evidence, case_evidence_file, case_evidence_news
from escalations.views.facts import fact_correct, fact_withdraw, facts
from escalations.views.feedback import case_feedback, feedback, feedback_change, feedback_one
from escalations.views.handing import case_handing, handover, handovers
from escalations.views.issues import issue_type, issue_type_archive, issue_type_new, issue_types
from escalations.views.jurisdictions import (
    jurisdiction,
    jurisdiction_archive,
    jurisdiction_new,
    jurisdictions,
    term_end,
    term_new,
)
from escalations.views.linking import apart, linked, unlinked
from escalations.views.macro_config import macro, macro_archive, macro_new, macros
from escalations.views.mail import message, message_again
from escalations.views.mentions import case_people, mentions, mentions_read
from escalations.views.new import case_new, severity_preview
from escalations.views.operate import acknowledge, note, operate, redact, watch
from escalations.views.playbook_config import (
    playbook,
    playbook_archive,
    playbook_arrange,
    playbook_draft,
    playbook_list,
    playbook_new,
    playbook_publish,
    playbook_settings,
    playbook_step,
    playbook_step_new,
)
from escalations.views.playbook_preview import playbook_preview
from escalations.views.playbooks import case_playbook, case_step
from escalations.views.queue import queue, queue_export, queue_filter, queue_rows
from escalations.views.replies import template, template_archive, template_new, templates
from escalations.views.sensitive import break_glass, break_glass_review, break_glass_reviews, case_grants, restricted
from escalations.views.service_mail import service_mail, service_mailbox, service_mailbox_release
from escalations.views.shift_today import shift_today
from escalations.views.shifts import shift, shift_handed, shift_take
from escalations.views.similar import case_similar
from escalations.views.splitting import split
from escalations.views.statutory import deadline_answer, deadline_lift, deadlines
from escalations.views.undoing import undo
from escalations.views.workload import case_next, hours, service_people, service_person

__all__ = [
    "acknowledge",
    "apart",
    "break_glass",
    "break_glass_review",
    "break_glass_reviews",
    "brief_copy",
    "brief_copy_pdf",
    "brief_give",
    "brief_new",
    "bulk",
    "case",
    "case_brief",
    "case_briefs",
    "case_event",
    "case_event_change",
    "case_event_new",
    "case_events",
    "case_evidence",
    "case_evidence_file",
    "case_evidence_news",
    "case_feedback",
    "case_grants",
    "case_handing",
    "case_new",
    "case_next",
    "case_people",
    "case_playbook",
    "case_similar",
    "case_step",
    "channel",
    "channel_change",
    "channel_door",
    "channel_messages",
    "channel_new",
    "channel_put_away",
    "channel_retry",
    "channel_secret",
    "channel_switch",
    "channels",
    "consult",
    "consults",
    "deadline_answer",
    "deadline_lift",
    "deadlines",
    "fact_correct",
    "fact_withdraw",
    "facts",
    "feedback",
    "feedback_change",
    "feedback_one",
    "handover",
    "handovers",
    "hours",
    "issue_type",
    "issue_type_archive",
    "issue_type_new",
    "issue_types",
    "jurisdiction",
    "jurisdiction_archive",
    "jurisdiction_new",
    "jurisdictions",
    "linked",
    "macro",
    "macro_archive",
    "macro_new",
    "macros",
    "matrix",
    "mentions",
    "mentions_read",
    "message",
    "message_again",
    "note",
    "operate",
    "playbook",
    "playbook_archive",
    "playbook_arrange",
    "playbook_draft",
    "playbook_list",
    "playbook_new",
    "playbook_preview",
    "playbook_publish",
    "playbook_settings",
    "playbook_step",
    "playbook_step_new",
    "queue",
    "queue_export",
    "queue_filter",
    "queue_rows",
    "redact",
    "restricted",
    "service",
    "service_archive",
    "service_mail",
    "service_mailbox",
    "service_mailbox_release",
    "service_new",
    "service_people",
    "service_person",
    "services",
    "severity_preview",
    "shift",
    "shift_handed",
    "shift_take",
    "shift_today",
    "split",
    "template",
    "template_archive",
    "template_new",
    "templates",
    "term_end",
    "term_new",
    "undo",
    "unlinked",
    "watch",
]
