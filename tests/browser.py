"""A real Chromium for tests, where the machine has one."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, sync_playwright

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox",  # Chromium's sandbox does not work for root, as which many CI machines run.
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if executable is None:
        pytest.skip("There is no Chromium on this machine: install it to run the browser tests.")
    # Playwright runs an event loop in this thread; Django would refuse to touch the database beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, headless=True, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh window; its test fails if a script fails in it or if it breaks the Content-Security-Policy."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    context.set_default_timeout(10_000)
    faults: list[str] = []
    window = context.new_page()
    context.on("weberror", lambda error: faults.append(_described(error.error)))
    context.on("console", lambda message: faults.extend(_violation(message)))
    yield window
    context.close()
    assert not faults, "\n".join(faults)


def _described(error: Error) -> str:
    return error.stack or error.message


def _violation(message: ConsoleMessage) -> list[str]:
    refused = message.type == "error" and "Content Security Policy" in message.text
    return [message.text] if refused else []
