"""A real Chromium for tests, where the machine has one."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, expect, sync_playwright

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

_PATIENCE = 30_000
"""Milliseconds after which what has not come is taken for missing, on a machine that does other things as well."""

AXE = (Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js").read_text()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if executable is None:
        pytest.skip("There is no Chromium on this machine: install it to run the browser tests.")
    # Playwright runs an event loop in this thread; Django would refuse to touch the database beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    expect.set_options(timeout=_PATIENCE)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, headless=True, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """
    A fresh window. Its test fails if a script fails in it, if it breaks the Content-Security-Policy, or if an answer
    brings a part for which the page has no place.
    """
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    context.set_default_timeout(_PATIENCE)
    faults: list[str] = []
    window = context.new_page()
    context.on("weberror", lambda error: faults.append(_described(error.error)))
    context.on("console", lambda message: faults.extend(_violation(message)))
    yield window
    context.close()
    assert not faults, "\n".join(faults)


def barriers(page: Page, url: str = "", *, dark_width: int = 0) -> list[str]:
    """
    What keeps people out of the page: what axe-core finds, of any weight, and what is wider than the window.

    Goes to the URL first, if one is given. All rules are asked of the light page, then of the dark one, in a window
    of `dark_width` if one is given.
    """
    if url:
        answer = page.goto(url)
        assert answer is not None
        assert answer.status < 500, url
    page.evaluate(AXE)
    found = _found(page)
    size = page.viewport_size
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    if size and dark_width:
        page.set_viewport_size({"width": dark_width, "height": size["height"]})
    found += _found(page)
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    if size and dark_width:
        page.set_viewport_size(size)
    return found


def _found(page: Page) -> list[str]:
    result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [
        f"{page.url} {found['impact']}: {found['id']}: {node['html'][:200]} {node['failureSummary']}"
        for found in result["violations"]
        for node in found["nodes"]
    ] + ([f"{page.url}: {wide} px too wide"] if wide > 0 else [])


def _described(error: Error) -> str:
    return error.stack or error.message


def _violation(message: ConsoleMessage) -> list[str]:
    wrong = ("Content Security Policy", "oobErrorNoTarget")
    refused = message.type == "error" and any(sign in message.text for sign in wrong)
    return [message.text] if refused else []
