from __future__ import annotations

import pytest
from playwright.sync_api import Page

from accounts.models import Agent
from tests.factories import PASSWORD
from tests.servers import StartServer


@pytest.fixture
def desk(start_server: StartServer, page: Page, root: Agent) -> str:
    """The address of the admin, in whose browser Root has signed in."""
    url = start_server().url
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=url)
    page.goto(f"{url}/admin/")
    page.get_by_label("E-mail address").fill(root.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{url}/admin/")
    return url
