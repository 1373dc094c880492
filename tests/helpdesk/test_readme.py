"""The README's examples do what it says."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from accounts.models import Team
from activity.actor import system_actor
from helpdesk.processes import PROJECT
from tests.factories import AgentFactory, role, ticket
from tests.robot import robot
from tests.servers import StartServer
from tickets.actions import move_to_team
from tickets.models import Ticket

README = (PROJECT / "README.md").read_text()


@pytest.mark.skipif(shutil.which("curl") is None, reason="There is no curl on this machine.")
def test_every_curl_of_the_readme_works(support: Team, start_server: StartServer) -> None:
    """As the agent whose key the demo prints, who sees his team's tickets alone; another customer waits, too."""
    alice = AgentFactory(role=role("Team agent"), teams=[support])
    other = ticket("Somebody else's")
    move_to_team(other, team=support, actor=system_actor())
    examples = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    assert len(examples) == 2
    key = robot(alice)
    script = "\n".join(examples).replace("curl -s", "curl --silent --show-error --fail-with-body")
    environment = {"KEY": key.secret, "ID": str(key.key.pk), "API": f"{start_server().url}/api/v1"}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        env={"PATH": "/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    other.refresh_from_db()
    assert (other.category, other.messages.count()) == ("open", 1)
    opened = Ticket.objects.exclude(pk=other.pk).get()
    assert (opened.subject, opened.contact.name, opened.category) == ("Where is my order?", "Carol", "solved")


def test_every_picture_and_page_it_names_is_there() -> None:
    named = re.findall(r'\]\(([^)h][^)]*)\)|src="([^"]+)"', README)
    assert named
    for path in (first or second for first, second in named):
        assert Path(PROJECT, path).is_file(), f"{path} is missing."
