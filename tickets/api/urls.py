from django.urls import path

from tickets.api.attachments import AttachmentDetail, AttachmentDownload, Attachments
from tickets.api.bulk import Bulk
from tickets.api.channels import ChannelDetail, Channels
from tickets.api.importing import TicketImport
from tickets.api.messages import (
    MessageDelivery,
    MessageDetail,
    Messages,
    NoteDetail,
    Notes,
    TicketMessages,
    TicketNotes,
)
from tickets.api.proposals import Approve, Decline, ProposalDetail, Proposals, TicketProposals, Withdraw
from tickets.api.saved_views import StandingViews, ViewCounts, ViewDetail, Views, ViewTickets
from tickets.api.tags import TagDetail, TagGroupDetail, TagGroups, Tags
from tickets.api.templates import RenderTemplate, TemplateDetail, Templates
from tickets.api.tickets import TicketByExternalId, TicketDetail, Tickets, verb_view
from tickets.catalogue import VERBS

urlpatterns = [
    path("tickets", Tickets.as_view()),
    path("tickets/bulk", Bulk.as_view()),
    path("tickets/import", TicketImport.as_view()),
    path("tickets/external/<path:external_id>", TicketByExternalId.as_view()),
    path("tickets/<id:pk>", TicketDetail.as_view()),
    path("tickets/<id:pk>/messages", TicketMessages.as_view()),
    path("tickets/<id:pk>/notes", TicketNotes.as_view()),
    *(
        path(f"tickets/<id:pk>/{verb.path}", verb_view(verb).as_view())
        for verb in VERBS.values()
        if verb.path
    ),
    path("tickets/<id:pk>/proposals", TicketProposals.as_view()),
    path("proposals", Proposals.as_view()),
    path("proposals/<id:pk>", ProposalDetail.as_view()),
    path("proposals/<id:pk>/approve", Approve.as_view()),
    path("proposals/<id:pk>/decline", Decline.as_view()),
    path("proposals/<id:pk>/withdraw", Withdraw.as_view()),
    path("messages", Messages.as_view()),
    path("messages/<id:pk>", MessageDetail.as_view()),
    path("messages/<id:pk>/delivery", MessageDelivery.as_view()),
    path("notes", Notes.as_view()),
    path("notes/<id:pk>", NoteDetail.as_view()),
    path("attachments", Attachments.as_view()),
    path("attachments/<id:pk>", AttachmentDetail.as_view()),
    path("attachments/<id:pk>/download", AttachmentDownload.as_view()),
    path("views", Views.as_view()),
    path("views/standing", StandingViews.as_view()),
    path("views/counts", ViewCounts.as_view()),
    path("views/<id:pk>", ViewDetail.as_view()),
    path("views/<id:pk>/tickets", ViewTickets.as_view()),
    path("tags", Tags.as_view()),
    path("tags/<id:pk>", TagDetail.as_view()),
    path("tag_groups", TagGroups.as_view()),
    path("tag_groups/<id:pk>", TagGroupDetail.as_view()),
    path("channels", Channels.as_view()),
    path("channels/<id:pk>", ChannelDetail.as_view()),
    path("templates", Templates.as_view()),
    path("templates/<id:pk>", TemplateDetail.as_view()),
    path("templates/<id:pk>/render", RenderTemplate.as_view()),
]
