"""Somebody at a desk in the workspace: what the browser tests of it do again and again."""

from playwright.sync_api import Page

from accounts.models import Agent
from tests.factories import PASSWORD


def sign_in(page: Page, site: str, agent: Agent, path: str = "/views/mine/") -> None:
    page.goto(f"{site}/sign-in/?next={path}")
    page.get_by_label("E-mail address").fill(agent.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{site}{path}")


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def look_up(page: Page) -> None:
    """As when somebody comes back to his window."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
