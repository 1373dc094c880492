"""What the verbs accept from outside. The API, and later every other program's door, validate with these."""

from tickets.inputs.desk import ChannelInput, TagGroupInput, TagInput, TemplateInput, ViewInput
from tickets.inputs.files import AttachmentField, Attachments, InlineFile
from tickets.inputs.importing import OldContact, OldContactReference, OldMessageInput, OldTicket
from tickets.inputs.messages import (
    DeliveryInput,
    MessageInput,
    NewMessageInput,
    NoteInput,
    Recipients,
    ReplyInput,
)
from tickets.inputs.proposals import Approval, NewProposal, ProposedChanges, Refusal
from tickets.inputs.references import (
    ChannelReference,
    MessageReference,
    PriorityField,
    StatusReference,
    TagGroupReference,
    TagNames,
    TicketReference,
)
from tickets.inputs.tickets import NewTicket, TicketChanges, TicketUpdate

__all__ = [
    "Approval",
    "AttachmentField",
    "Attachments",
    "ChannelInput",
    "ChannelReference",
    "DeliveryInput",
    "InlineFile",
    "MessageInput",
    "MessageReference",
    "NewMessageInput",
    "NewProposal",
    "NewTicket",
    "NoteInput",
    "OldContact",
    "OldContactReference",
    "OldMessageInput",
    "OldTicket",
    "PriorityField",
    "ProposedChanges",
    "Recipients",
    "Refusal",
    "ReplyInput",
    "StatusReference",
    "TagGroupInput",
    "TagGroupReference",
    "TagInput",
    "TagNames",
    "TemplateInput",
    "TicketChanges",
    "TicketReference",
    "TicketUpdate",
    "ViewInput",
]
