"""A client that openapi-python-client makes from the document works as it is made."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Agent, Contact, Team
from tests.factories import ticket
from tests.length import at_length
from tests.robot import robot
from tests.servers import StartServer
from tickets.models import Ticket

NAME = "helpdesk_client"


@at_length
def test_a_generated_client_lists_opens_replies_and_reads_errors(
    start_server: StartServer,
    alice: Agent,
    carol: Contact,
    support: Team,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = start_server().url
    generate(f"{url}/api/v1/openapi.json", tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    machine = robot(alice)
    client = part().AuthenticatedClient(f"{url}/api/v1", machine.secret, raise_on_unexpected_status=True)
    models = part("models")

    new = models.NewTicket(
        subject="Where is my parcel?",
        contact=models.NewContact(email="carol@customer.example"),
        message="I ordered two weeks ago.",
        team="Support",
        tags=["parcel"],
    )
    opened = operation("tickets_create").sync(client=client, body=new, idempotency_key="once").data
    again = operation("tickets_create").sync(client=client, body=new, idempotency_key="once").data
    assert (again.id, opened.contact, opened.tags) == (opened.id, carol.pk, ["parcel"])

    reply = models.ReplyInput(body="It leaves **today**.", status="solved")
    wrote = operation("tickets_reply").sync(opened.id, client=client, body=reply).data
    assert wrote.direction == models.MessageDirection.OUT
    assert Ticket.objects.get().category == "solved"

    other = ticket("The other parcel", contact=carol)
    ticket("A third one")
    found = operation("tickets_list").sync(
        client=client,
        ids=[opened.id, other.pk],
        include=[models.TicketsListIncludeItem.CONTACT, models.TicketsListIncludeItem.TEAM],
        cursor="",
        per_page=1,
    )
    assert [row.id for row in found.data] == [other.pk]
    assert found.linked.contact[str(carol.pk)].name == "Carol"
    following = operation("tickets_list").sync(
        client=client, ids=[opened.id, other.pk], cursor=found.meta.cursor.next_
    )
    assert [row.id for row in following.data] == [opened.id]

    refused = operation("tickets_create").sync(
        client=client, body=models.NewTicket(subject="", contact="nobody")
    )
    assert refused.error.reason == models.ErrorErrorReason.INVALID
    assert set(refused.error.fields.to_dict()) == {"subject", "contact.email"}
    machine.key.access_level = "read"
    machine.key.save(update_fields=["access_level"])
    refused = operation("tickets_create").sync(client=client, body=new)
    assert (refused.error.status, refused.error.required_scopes) == (403, ["tickets:write"])


def operation(name: str) -> Any:
    return part(f"api.{name.partition('_')[0]}.{name}")


def part(name: str = "") -> Any:
    return import_module(f"{NAME}.{name}" if name else NAME)


def generate(document: str, folder: Path) -> None:
    """Without the formatting that generated code gets otherwise."""
    config = folder / "config.yml"
    config.write_text("post_hooks: []\n")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "openapi_python_client", "generate", "--url", document),
            *(
                "--output-path",
                str(folder / NAME),
                "--meta",
                "none",
                "--config",
                str(config),
                "--fail-on-warning",
            ),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
