from tickets.models.attachment import Attachment
from tickets.models.channel import Channel, ChannelKind
from tickets.models.draft import Draft
from tickets.models.look import Look
from tickets.models.mention import Mention
from tickets.models.merge import Containment, Merge
from tickets.models.message import Delivery, Direction, Message, MessageKind
from tickets.models.presence import Presence
from tickets.models.proposal import Proposal, ProposalKind, ProposalState
from tickets.models.search import TicketSearch
from tickets.models.sharing import Sharing
from tickets.models.status import Category, Status
from tickets.models.tag import Tag, TagGroup
from tickets.models.template import Template
from tickets.models.ticket import Priority, Ticket
from tickets.models.view import SavedView

__all__ = [
    "Attachment",
    "Category",
    "Channel",
    "ChannelKind",
    "Containment",
    "Delivery",
    "Direction",
    "Draft",
    "Look",
    "Mention",
    "Merge",
    "Message",
    "MessageKind",
    "Presence",
    "Priority",
    "Proposal",
    "ProposalKind",
    "ProposalState",
    "SavedView",
    "Sharing",
    "Status",
    "Tag",
    "TagGroup",
    "Template",
    "Ticket",
    "TicketSearch",
]
