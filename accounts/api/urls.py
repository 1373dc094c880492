from django.urls import path, register_converter
from django.urls.converters import IntConverter

from accounts.api.agents import Activate, AgentDetail, Agents, Deactivate
from accounts.api.custom_fields import CustomFieldDetail, CustomFields
from accounts.api.events import EventDetail, Events
from accounts.api.groups import (
    OrganizationByExternalId,
    OrganizationDetail,
    Organizations,
    RoleDetail,
    Roles,
    TeamDetail,
    Teams,
)
from accounts.api.people import ContactByExternalId, ContactDetail, Contacts


class IdConverter(IntConverter):
    """As many digits as an id can have: a longer number is a path that leads nowhere."""

    regex = "[0-9]{1,18}"


register_converter(IdConverter, "id")

urlpatterns = [
    path("contacts", Contacts.as_view()),
    path("contacts/<id:pk>", ContactDetail.as_view()),
    path("contacts/external/<path:external_id>", ContactByExternalId.as_view()),
    path("agents", Agents.as_view()),
    path("agents/<id:pk>", AgentDetail.as_view()),
    path("agents/<id:pk>/activate", Activate.as_view()),
    path("agents/<id:pk>/deactivate", Deactivate.as_view()),
    path("organizations", Organizations.as_view()),
    path("organizations/<id:pk>", OrganizationDetail.as_view()),
    path("organizations/external/<path:external_id>", OrganizationByExternalId.as_view()),
    path("teams", Teams.as_view()),
    path("teams/<id:pk>", TeamDetail.as_view()),
    path("custom_fields", CustomFields.as_view()),
    path("custom_fields/<id:pk>", CustomFieldDetail.as_view()),
    path("events", Events.as_view()),
    path("events/<id:pk>", EventDetail.as_view()),
    path("roles", Roles.as_view()),
    path("roles/<id:pk>", RoleDetail.as_view()),
]
