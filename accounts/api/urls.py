from django.urls import path, register_converter
from django.urls.converters import IntConverter

from accounts.api.people import AgentDetail, Agents, ContactDetail, Contacts


class IdConverter(IntConverter):
    """As many digits as an id can have: a longer number is a path that leads nowhere."""

    regex = "[0-9]{1,18}"


register_converter(IdConverter, "id")

urlpatterns = [
    path("contacts", Contacts.as_view()),
    path("contacts/<id:pk>", ContactDetail.as_view()),
    path("agents", Agents.as_view()),
    path("agents/<id:pk>", AgentDetail.as_view()),
]
