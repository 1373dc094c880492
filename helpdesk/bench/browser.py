"""What Chromium itself says of opening a long ticket: what jumped, and how long its main thread was busy at once."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from statistics import median
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import resolve, reverse

from helpdesk.bench.cases import Case, alice_herself, session_of

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

_CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
_TIMES = 5
_CALM = 1_000
"""Milliseconds in which a window of its own is set up, which is the browser's work and not the page's."""

_RECORD = """
    window.found = {shift: 0, longest: 0, long: 0};
    new PerformanceObserver((list) => list.getEntries().forEach(({value, hadRecentInput}) => {
        if (!hadRecentInput) window.found.shift += value;
    })).observe({type: "layout-shift", buffered: true});
    new PerformanceObserver((list) => list.getEntries().forEach(({duration}) => {
        window.found.long += 1;
        window.found.longest = Math.max(window.found.longest, duration);
    })).observe({type: "longtask", buffered: true});
"""

_Found = dict[str, float]


def told(page: Case, port: int) -> Iterable[str]:
    """Opened five times in each way. Chromium calls tasks from 50 ms on long."""
    executable = next(filter(None, map(shutil.which, _CHROMIUM)), None)
    if executable is None or find_spec("playwright") is None:
        yield "Chromium and playwright are not installed here: what a browser does with the pages is not measured."
        return
    ticket = resolve(urlsplit(page.path).path).kwargs["pk"]
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session_of(alice_herself())}
    # A thread of its own: playwright wants one in which nothing else of it runs.
    with ThreadPoolExecutor(1) as thread:
        ways = thread.submit(
            _opened, executable, f"http://127.0.0.1:{port}", page.path, ticket, cookie
        ).result()
    yield f"Chromium, {page.name}, {_TIMES} times each:"
    for way, found in ways.items():
        longest = sorted(one["longest"] for one in found)
        yield (
            f"  {way}: layout shift {max(one['shift'] for one in found):g}; "
            f"tasks over 50 ms: {sum(one['long'] for one in found):g}, the longest of a time "
            f"{longest[0]:.0f}/{median(longest):.0f}/{longest[-1]:.0f} ms"
        )


def _opened(
    executable: str, site: str, path: str, ticket: int, cookie: dict[str, str]
) -> dict[str, list[_Found]]:
    """What each opening of the page was recorded as, by the way in which it was opened."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=_ARGUMENTS)

        def window() -> BrowserContext:
            context = chromium.new_context(viewport={"width": 1280, "height": 800})
            context.add_cookies([{**cookie, "url": site}])  # type: ignore[typeddict-item]
            return context

        # Chromium itself starts up with the first page that it shows.
        _in_a_new_tab(window(), f"{site}{path}")
        beside = f"{site}{reverse('tickets:view', args=['teams'])}"
        found = {
            "from the list": _from_the_list(window(), beside, ticket),
            "in a new tab beside the list": _beside_the_list(window(), beside, f"{site}{path}"),
            "in a browser with nothing in its cache": [
                _in_a_new_tab(window(), f"{site}{path}") for _ in range(_TIMES)
            ],
        }
        chromium.close()
    return found


def _in_a_new_tab(window: BrowserContext, address: str) -> _Found:
    tab = _recording(window)
    tab.wait_for_timeout(_CALM)
    tab.goto(address, wait_until="networkidle")
    found: _Found = tab.evaluate("window.found")
    tab.close()
    return found


def _beside_the_list(window: BrowserContext, list_address: str, address: str) -> list[_Found]:
    window.new_page().goto(list_address, wait_until="networkidle")
    return [_in_a_new_tab(window, address) for _ in range(_TIMES)]


def _from_the_list(window: BrowserContext, address: str, ticket: int) -> list[_Found]:
    """By the palette, beside the list: so its row need not be in sight."""
    tab, all_found = _recording(window), []
    for _ in range(_TIMES):
        tab.goto(address, wait_until="networkidle")
        tab.keyboard.press("Control+k")
        tab.keyboard.type(f"#{ticket}")
        option = tab.locator(f"#palette-found [href*='/tickets/{ticket}/']")
        option.wait_for()
        tab.evaluate("Object.assign(window.found, {shift: 0, longest: 0, long: 0})")
        option.click()
        tab.locator("#timeline .message").last.wait_for()
        tab.wait_for_load_state("networkidle")
        all_found.append(tab.evaluate("window.found"))
    tab.close()  # It would go on asking for news while others are measured.
    return all_found


def _recording(window: BrowserContext) -> Page:
    tab = window.new_page()
    tab.add_init_script(_RECORD)
    return tab
