"""Takes the README's screenshots: `make screenshots`. Serves a fresh demo in a folder of its own meanwhile."""

# ruff: noqa: INP001 - a script, not part of any package.

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent.parent
sys.path.insert(0, str(PROJECT))

from tests.browser import ARGUMENTS, CHROMIUM  # noqa: E402 - found through the line above.
from tests.servers import free_port  # noqa: E402

DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 780}
LARGEST = 250_000
"""Bytes of one picture: they live in the repository."""


LOOKS = {"light": ("light", DESKTOP), "dark": ("dark", DESKTOP), "phone": ("light", PHONE)}
"""Name → colours and size of the window: each screen is shown in all of them."""


def main() -> None:
    executable = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if executable is None:
        sys.exit("There is no Chromium on this machine: install it to take screenshots.")
    with serving() as (url, demo), sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, headless=True, args=ARGUMENTS)
        key = demo["keys"][0]
        call_the_api(url, key["secret"])
        ticket = busiest_ticket(url, key["secret"])
        for look, (scheme, size) in LOOKS.items():
            with window(chromium, url, "alice@example.com", scheme, size) as page:
                take(page, url, agents_screens(ticket), look)
                find_anything(page, look)
            with window(chromium, url, "root@example.com", scheme, size) as page:
                take(page, url, admins_screens(int(key["id"])), look)
        chromium.close()


def agents_screens(ticket: int) -> dict[str, str]:
    return {
        "list": "/views/mine/",
        "ticket": f"/tickets/{ticket}/?view=mine",
        "settings": "/settings/security/",
    }


def admins_screens(key: int) -> dict[str, str]:
    return {
        "admin": "/admin/",
        "keys": "/admin/apitokens/apikey/",
        "key-form": "/admin/apitokens/apikey/add/",
        "key": f"/admin/apitokens/apikey/{key}/overview/",
        "requests": f"/admin/apitokens/apikey/{key}/requests/",
        "usage": f"/admin/apitokens/apikey/{key}/usage/",
    }


def take(page: Page, url: str, screens: dict[str, str], look: str) -> None:
    for name, path in screens.items():
        page.goto(f"{url}{path}")
        save(page, f"{name}-{look}")


def find_anything(page: Page, look: str) -> None:
    """The palette, with something typed into it."""
    page.goto(page.url.partition("/settings/")[0])
    page.keyboard.press("Control+k")
    page.keyboard.type("refund")
    page.get_by_role("option").first.wait_for()
    save(page, f"palette-{look}")


@contextmanager
def serving() -> Iterator[tuple[str, dict[str, list[dict[str, str]]]]]:
    """The product as `make run` serves it; gives its address and what demo.json holds."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        port = free_port()
        environment = os.environ | {"ENVIRONMENT": "demo", "VAR_DIR": folder, "PORT": str(port)}
        command = [sys.executable, "manage.py", "run"]
        process = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout
            if not any("Ctrl-C" in line for line in process.stdout):
                sys.exit("The product did not start.")
            yield f"http://127.0.0.1:{port}", json.loads((Path(folder) / "demo.json").read_text())
        finally:
            process.terminate()
            process.wait(60)


def call_the_api(url: str, secret: str) -> None:
    """Give the key's log something to show."""
    for path in (
        "me",
        "tickets?status=open&include=contact",
        "tickets/999999",
        "contacts",
        "tags",
        "flights",
    ):
        httpx.get(f"{url}/api/v1/{path}", headers={"Authorization": f"Bearer {secret}"})


def busiest_ticket(url: str, secret: str) -> int:
    """The open ticket of Alice's that most happened to, if possible one that a program worked on too."""
    with httpx.Client(base_url=f"{url}/api/v1/", headers={"Authorization": f"Bearer {secret}"}) as api:
        me = api.get("me").json()["data"]["person_id"]
        tickets = api.get("tickets?status=open&per_page=100").json()["data"]

        def interest(ticket: dict[str, int]) -> tuple[bool, int]:
            messages = api.get(f"tickets/{ticket['id']}/messages").json()["data"]
            return any(message["via"]["key"] for message in messages), ticket["version"]

        own = [ticket for ticket in tickets if ticket["assignee"] == me]
        return int(max(own, key=interest)["id"])


@contextmanager
def window(chromium: Browser, url: str, email: str, scheme: str, size: dict[str, int]) -> Iterator[Page]:
    """A browser window in which somebody of the cast has signed in."""
    context = chromium.new_context(
        viewport=size,  # type: ignore[arg-type]
        color_scheme=scheme,  # type: ignore[arg-type]
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(f"{url}/sign-in/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill("demo-demo-demo")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda address: "sign-in" not in address)
    yield page
    context.close()


def save(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    path = HERE / f"{name}.png"
    page.screenshot(path=path)
    size = path.stat().st_size
    print(f"{path.relative_to(PROJECT)}: {size:,} bytes")  # noqa: T201
    if size > LARGEST:
        sys.exit(f"{path.name} is larger than {LARGEST:,} bytes.")


if __name__ == "__main__":
    main()
