"""Nurturing: sequences of messages, the content that suits a lead, and permission to send."""

from leadflow.nurturing.composition import Rendered, compose, message_id_header, render, unsubscribe_headers
from leadflow.nurturing.content import Choice, Content, choose
from leadflow.nurturing.permission import Permission, can_send
from leadflow.nurturing.plan import Nurturing
from leadflow.nurturing.sequence import (
    Sequence,
    Step,
    content_for,
    ending,
    enrolments_due,
    next_enrolment,
    why_not_enrolled,
)
from leadflow.nurturing.tokens import UnsubscribeToken, read_token, suppression_key, unsubscribe_token

__all__ = [
    "Choice",
    "Content",
    "Nurturing",
    "Permission",
    "Rendered",
    "Sequence",
    "Step",
    "UnsubscribeToken",
    "can_send",
    "choose",
    "compose",
    "content_for",
    "ending",
    "enrolments_due",
    "message_id_header",
    "next_enrolment",
    "read_token",
    "render",
    "suppression_key",
    "unsubscribe_headers",
    "unsubscribe_token",
    "why_not_enrolled",
]
