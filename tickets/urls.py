from django.urls import path

from tickets.views import (
    bulk,
    changes,
    deeds,
    files,
    joining,
    lists,
    notifications,
    opening,
    saved,
    ticket,
    writing,
)

app_name = "tickets"

urlpatterns = [
    path("", lists.home, name="home"),
    path("views/", lists.navigation, name="navigation"),
    path("views/<slug:key>/", lists.view, name="view"),
    path("views/saved/new/", saved.new, name="save_view"),
    path("views/saved/<int:pk>/", lists.saved, name="saved"),
    path("views/saved/<int:pk>/edit/", saved.edit, name="edit_view"),
    path("views/saved/<int:pk>/delete/", saved.delete, name="delete_view"),
    path("counts/", lists.counts, name="counts"),
    path("search/", lists.search, name="search"),
    path("contacts/<int:pk>/", lists.contact, name="contact"),
    path("bulk/", bulk.bulk, name="bulk"),
    path("bulk/on/", bulk.go_on, name="bulk_on"),
    path("density/", lists.density, name="density"),
    path("tickets/new/", opening.new, name="new"),
    path("tickets/<int:pk>/", ticket.ticket, name="ticket"),
    path("tickets/<int:pk>/messages/", writing.write, name="write"),
    path("tickets/<int:pk>/change/<slug:field>/", changes.change, name="change"),
    path("tickets/<int:pk>/do/<slug:name>/", deeds.deed, name="deed"),
    path("tickets/<int:pk>/merge/", joining.merge, name="merge"),
    path("tickets/<int:pk>/link/", joining.link, name="link"),
    path("tickets/<int:pk>/unlink/<int:other>/", deeds.unlink, name="unlink"),
    path("tickets/<int:pk>/split/<int:message_pk>/", joining.split, name="split"),
    path("notifications/", notifications.notifications, name="notifications"),
    path("notifications/unread/", notifications.unread, name="unread"),
    path("notifications/read/", notifications.read_all, name="read_notifications"),
    path("notifications/<int:pk>/", notifications.follow, name="follow_notification"),
    path("attachments/<int:pk>/", files.attachment, name="attachment"),
]
