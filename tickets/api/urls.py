from django.urls import path

from tickets.api.messages import (
    AttachmentDetail,
    AttachmentDownload,
    Attachments,
    MessageDetail,
    Messages,
    TagDetail,
    Tags,
    TicketMessages,
)
from tickets.api.tickets import TicketDetail, Tickets, verb_view
from tickets.api.saved_views import StandingViews, ViewCounts, ViewDetail, Views, ViewTickets
from tickets.catalogue import VERBS

urlpatterns = [
    path("tickets", Tickets.as_view()),
    path("tickets/<id:pk>", TicketDetail.as_view()),
    path("tickets/<id:pk>/messages", TicketMessages.as_view()),
    *(
        path(f"tickets/<id:pk>/{verb.path}", verb_view(verb).as_view())
        for verb in VERBS.values()
        if verb.path
    ),
    path("messages", Messages.as_view()),
    path("messages/<id:pk>", MessageDetail.as_view()),
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
]
