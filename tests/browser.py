"""A real Chromium for tests, where the machine has one."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, expect, sync_playwright

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
    # One process draws the pages of all tests one after the other, instead of a new one for each.
    "--process-per-site",
    "--renderer-process-limit=1",
]


PATIENCE = 30_000
"""Milliseconds after which what has not come is taken for missing, on a machine that does other things as well."""

AXE = (Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js").read_text()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if executable is None:
        pytest.skip("There is no Chromium on this machine: install it to run the browser tests.")
    # Playwright runs an event loop in this thread; Django would refuse to touch the database beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, headless=True, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def window(browser: Browser) -> Iterator[BrowserContext]:
    """
    The window whose tabs the tests get: a new one costs half a second, and has to load every script and font again.

    Its first tab stays open and empty, because a window closes with its last one.
    """
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    context.new_page()
    yield context
    context.close()


@pytest.fixture
def page(window: BrowserContext) -> Iterator[Page]:
    """
    A fresh tab of somebody who was never here. Its test fails if a script fails in it, if it breaks the
    Content-Security-Policy, or if an answer brings a part for which the page has no place.
    """
    faults: list[str] = []
    origins: set[str] = set()
    tab = window.new_page()
    tab.on("pageerror", lambda error: faults.append(_described(error)))
    tab.on("console", lambda message: faults.extend(_violation(message)))
    tab.on("framenavigated", lambda frame: origins.add(_origin(frame.url)))
    yield tab
    tab.close()
    _forget(window, origins)
    assert not faults, "\n".join(faults)


def _forget(window: BrowserContext, origins: set[str]) -> None:
    """Take away what a test left in the window for the next one to find."""
    window.set_offline(False)
    window.clear_cookies()
    window.clear_permissions()
    first, *left_open = window.pages
    for tab in left_open:
        tab.close()
    devtools = window.new_cdp_session(first)
    for origin in origins:
        devtools.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
    devtools.detach()


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


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
    # Without `preload`, which reads imported style sheets for rules that do not run, and copies them into the page.
    result = page.evaluate("axe.run(document, {resultTypes: ['violations'], preload: false})")
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
