"""One browser and one server for most tests; each test opens tabs of its own."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from .app import SOON, App, Server

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
DESKTOP = {"width": 1280, "height": 720}


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    expect.set_options(timeout=30_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def server() -> Iterator[Server]:
    """The server that most tests share. Its default run is trained once."""
    server = Server()
    yield server
    server.end()


@pytest.fixture
def fresh_server() -> Iterator[Server]:
    """A server that no page has been opened on."""
    server = Server()
    yield server
    server.end()


@contextmanager
def tabs(chromium: Browser) -> Iterator[Callable[..., App]]:
    """A function that opens tabs, each in a browser context of its own: ``(server, **options of the context)``.

    When they are closed, none may have logged an error or asked another machine for anything.
    """
    opened: list[App] = []

    def open_tab(server: Server, *, journey: bool = False, **options: object) -> App:
        context = chromium.new_context(**{"viewport": DESKTOP} | options)
        context.set_default_timeout(SOON)
        if not journey:  # the points have been sent through before, so that they do not set out by themselves
            context.add_init_script("if (origin !== 'null') sessionStorage.setItem('realnvp-journey', 'seen')")
        opened.append(App(context.new_page(), server))
        return opened[-1]

    yield open_tab
    for tab in opened:
        tab.leave()
        tab.page.context.close()
    for tab in opened:
        assert tab.faults == []


@pytest.fixture
def new_tab(chromium: Browser) -> Iterator[Callable[..., App]]:
    with tabs(chromium) as open_tab:
        yield open_tab


@pytest.fixture
def first_tab(fresh_server: Server, new_tab: Callable[..., App]) -> App:
    """The first tab that looks at a server; it has opened no page yet."""
    return new_tab(fresh_server)


@pytest.fixture
def app(new_tab: Callable[..., App], server: Server) -> App:
    """The playground with the default run, as it opens."""
    return new_tab(server).open()


@pytest.fixture(scope="module")
def opened(chromium: Browser, server: Server) -> Iterator[App]:
    """The same for the tests of a module together: none starts a run, and each leaves it as it was."""
    with tabs(chromium) as open_tab:
        yield open_tab(server).open()
