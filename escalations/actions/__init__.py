"""Writes on cases. Each locks, asks the rule, writes, leaves a trail, moves the clocks, and tells people: in one transaction."""

from ._base import Outcome, Refused, Stale, Undo
from .assign import assign
from .attention import acknowledge_clock, escalate, record_view, unwatch, watch
from .briefs import Writing, give_brief, write_brief
from .bulk import BulkResult, bulk
from .change import change_details, change_service, set_sensitivity
from .channel_config import (
    add_endpoint,
    change_endpoint,
    change_subscription,
    end_former_secret,
    put_channel_message_away,
    renew_channel_secret,
    retry_channel_message,
    subscribe,
    switch_endpoint,
)
from .closing import close_resolved
from .configuration import (
    add_issue_type,
    add_service,
    archive_issue_type,
    archive_service,
    change_service_settings,
    rename_issue_type,
    set_matrix,
)
from .consulting import answer_consult, ask_colleague, withdraw_consult
from .create import create_case, open_case, search_text
from .evidence import ask_pack, open_pack
from .facts import correct_fact, keep_card, record_fact, withdraw_fact
from .feedback import (
    FEEDBACK_ANSWERED,
    FEEDBACK_GIVEN,
    MAX_FEEDBACK,
    Opinion,
    answer_feedback,
    change_feedback,
    give_feedback,
)
from .giving import give_next, give_unowned, take_next
from .grants import break_glass, grant_access, review_break_glass, revoke_grant
from .handing import accept_handover, decline_handover, offer_handover, take_back_handover
from .jurisdictions import add_jurisdiction, archive_jurisdiction, change_jurisdiction, end_term, set_term
from .linking import check_link, link_cases, tell_apart, unlink
from .macros import Acts, add_macro, archive_macro, change_macro, run_macro
from .mail_boxes import bind_mailbox, change_mailbox, release_mailbox
from .mail_out import send_again, send_mail
from .mentions import MENTION_KIND, read_mentions
from .merging import check_merge, merge
from .playbooks import mark_step, may_read_file
from .reminding import remind
from .replies import Saying, Used, add_template, archive_template, change_template, check_filled, keep_use
from .severity import set_severity
from .shifts import SHIFT_KIND, HandLine, hand_over_shift, take_over
from .splitting import Part, losing_sight, split
from .state import set_state
from .statutory import answer_by_law, lift_regulation, may_read_response, regulate
from .talk import add_note, log_contact, redact_entry
from .telling import in_silence
from .workload import set_own_hours, set_workload

__all__ = [
    "FEEDBACK_ANSWERED",
    "FEEDBACK_GIVEN",
    "MAX_FEEDBACK",
    "MENTION_KIND",
    "SHIFT_KIND",
    "Acts",
    "BulkResult",
    "HandLine",
    "Opinion",
    "Outcome",
    "Part",
    "Refused",
    "Saying",
    "Stale",
    "Undo",
    "Used",
    "Writing",
    "accept_handover",
    "acknowledge_clock",
    "add_endpoint",
    "add_issue_type",
    "add_jurisdiction",
    "add_macro",
    "add_note",
    "add_service",
    "add_template",
    "answer_by_law",
    "answer_consult",
    "answer_feedback",
    "archive_issue_type",
    "archive_jurisdiction",
    "archive_macro",
    "archive_service",
    "archive_template",
    "ask_colleague",
    "ask_pack",
    "assign",
    "bind_mailbox",
    "break_glass",
    "bulk",
    "change_details",
    "change_endpoint",
    "change_feedback",
    "change_jurisdiction",
    "change_macro",
    "change_mailbox",
    "change_service",
    "change_service_settings",
    "change_subscription",
    "change_template",
    "check_filled",
    "check_link",
    "check_merge",
    "close_resolved",
    "correct_fact",
    "create_case",
    "decline_handover",
    "end_former_secret",
    "end_term",
    "escalate",
    "give_brief",
    "give_feedback",
    "give_next",
    "give_unowned",
    "grant_access",
    "hand_over_shift",
    "in_silence",
    "keep_card",
    "keep_use",
    "lift_regulation",
    "link_cases",
    "log_contact",
    "losing_sight",
    "mark_step",
    "may_read_file",
    "may_read_response",
    "merge",
    "offer_handover",
    "open_case",
    "open_pack",
    "put_channel_message_away",
    "read_mentions",
    "record_fact",
    "record_view",
    "redact_entry",
    "regulate",
    "release_mailbox",
    "remind",
    "rename_issue_type",
    "renew_channel_secret",
    "retry_channel_message",
    "review_break_glass",
    "revoke_grant",
    "run_macro",
    "search_text",
    "send_again",
    "send_mail",
    "set_matrix",
    "set_own_hours",
    "set_sensitivity",
    "set_severity",
    "set_state",
    "set_term",
    "set_workload",
    "split",
    "subscribe",
    "switch_endpoint",
    "take_back_handover",
    "take_next",
    "take_over",
    "tell_apart",
    "unlink",
    "unwatch",
    "watch",
    "withdraw_consult",
    "withdraw_fact",
    "write_brief",
]
