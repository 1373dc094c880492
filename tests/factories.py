"""What is there before a story begins, made directly. What happens in a story goes through a door."""

from __future__ import annotations

from typing import Any

import factory
from django.contrib.auth.hashers import make_password
from factory.django import DjangoModelFactory

from accounts.models import Agent, Contact, ContactEmail, Organization, Reach, Role, Team
from accounts.permissions import Permission
from accounts.seeds import DEFAULT_ROLES
from activity.actor import Actor, Door, system_actor
from tickets import actions
from tickets.actions.writing import Body
from tickets.models import Tag, Ticket

PASSWORD = "a fine long password"

_DEFAULTS: dict[str, dict[str, Any]] = {role["name"]: role for role in DEFAULT_ROLES}


def role(name: str, **changes: Any) -> Role:
    """One of the default roles by name, changed if asked; any other name makes a role of one's own."""
    plain: dict[str, Any] = {"permissions": [], "reach": Reach.ALL, "enters_admin": False}
    fields = plain | _DEFAULTS.get(name, {}) | changes
    fields["permissions"] = [str(Permission(value)) for value in fields["permissions"]]
    return Role.objects.update_or_create(name=name, defaults=fields | {"name": name})[0]


class TeamFactory(DjangoModelFactory[Team]):
    class Meta:
        model = Team
        django_get_or_create = ["name"]

    name = factory.Sequence(lambda n: f"Team {n}")


class AgentFactory(DjangoModelFactory[Agent]):
    """`AgentFactory(name="Alice", teams=[support])`: a person with the password PASSWORD."""

    class Meta:
        model = Agent
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Agent {n}")
    email = factory.LazyAttribute(lambda agent: f"{agent.name.lower().replace(' ', '.')}@desk.example")
    password = factory.LazyFunction(lambda: make_password(PASSWORD))
    role = factory.LazyFunction(lambda: role("Agent"))

    @factory.post_generation
    def teams(agent: Agent, create: bool, extracted: Any, **_kwargs: Any) -> None:  # noqa: N805
        agent.teams.set(extracted or [])


class OrganizationFactory(DjangoModelFactory[Organization]):
    class Meta:
        model = Organization

    name = factory.Sequence(lambda n: f"Organization {n}")


class ContactFactory(DjangoModelFactory[Contact]):
    """`ContactFactory(name="Carol", email="carol@customer.example")`."""

    class Meta:
        model = Contact
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Contact {n}")

    @factory.post_generation
    def email(contact: Contact, create: bool, extracted: Any, **_kwargs: Any) -> None:  # noqa: N805
        address = extracted or f"{contact.name.lower().replace(' ', '.')}@customer.example"
        ContactEmail.objects.create(contact=contact, address=address)


class TagFactory(DjangoModelFactory[Tag]):
    class Meta:
        model = Tag
        django_get_or_create = ["name"]

    name = factory.Sequence(lambda n: f"tag {n}")


def ticket(
    subject: str = "Where is my parcel?",
    text: str = "I ordered two weeks ago.",
    *,
    actor: Actor | None = None,
    contact: Contact | None = None,
    **fields: Any,
) -> Ticket:
    """A ticket opened by the helpdesk itself (or by `actor`) whose first message the contact wrote."""
    return actions.open_ticket(
        subject=subject,
        body=Body.from_markdown(text),
        contact=contact or ContactFactory(),
        actor=actor or system_actor(),
        **fields,
    )


def at_the_web(agent: Agent) -> Actor:
    """The agent, signed in to the workspace."""
    return Actor(Door.WEB, agent=agent)
