from __future__ import annotations

import pytest
from playwright.sync_api import Page

from accounts.models import Agent
from tests.desk import sign_in
from tests.servers import StartServer


@pytest.fixture
def desk(start_server: StartServer, page: Page, root: Agent) -> str:
    """The address of the admin, in whose browser Root has signed in."""
    url = start_server().url
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=url)
    sign_in(page, url, root, "/admin/")
    return url
