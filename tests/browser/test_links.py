"""Links and kept runs among browsers: what one has made, another opens, and a restarted server still has."""

import re
import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import expect

from realnvp.data import data_of
from realnvp.export.weights import read_weights
from realnvp.metrics import evaluate
from realnvp.training import trained_flow

from .app import SOON, App, Server, until

pytestmark = pytest.mark.browser

SMALL = "/?dataset=circles&layers=2&width=8&epochs=100&seed=5"


def link_in_dialog(tab: App, kind: str | None = None) -> str:
    """The link that the Share dialog gives out."""
    tab.page.get_by_role("button", name="Share").click()
    if kind:
        tab.page.get_by_role("dialog").get_by_text(kind).click()
    field = tab.page.get_by_role("textbox", name="Link")
    expect(field).to_have_value(re.compile("run=" if kind == "This very run" else "^http"), timeout=SOON)
    link = field.input_value()
    tab.page.get_by_role("button", name="Close").click()
    return link


def taken_away(tab: App) -> tuple[float, str]:
    """The held-out NLL (nats) of the weights that the page gives out, and the link on the sheet."""
    tab.page.get_by_role("button", name="Share").click()
    tab.page.get_by_role("dialog").get_by_text("Files").click()
    files = []
    for name in (".safetensors", ".pdf"):
        with tab.page.expect_download(timeout=SOON) as download:
            tab.page.get_by_role("button", name=name).click()
        files.append(download.value.path().read_bytes())
    tab.page.get_by_role("button", name="Close").click()
    config, weights, _ = read_weights(files[0])
    (link,) = re.findall(rb"/URI \((.*?)\)", files[1])
    return evaluate(trained_flow(config, weights), data_of(config).held_out).nll, link.decode()


def test_a_link_opened_in_a_fresh_browser_gives_the_same_run_to_the_last_digit(
    server: Server, new_tab: Callable[..., App]
) -> None:
    first = new_tab(server)
    first.go(SMALL)
    first.wait_for_epoch(100)
    first.train_button.click()  # a run of one's own, beside the shared one of the link
    first.wait_for_progress("done in")
    link = link_in_dialog(first, "These settings")
    assert link == server.url + SMALL
    second = new_tab(server)
    second.page.goto(link)
    second.wait_for_epoch(100)
    second.wait_for_progress("trained once for all who open this link")
    (nll, of_run), (other_nll, of_settings) = taken_away(first), taken_away(second)
    assert abs(nll - other_nll) < 1e-6
    assert of_run == f"{server.url}/?run={first.token}"  # which is kept
    assert of_settings == link


def numbers(tab: App) -> list[str]:
    return tab.page.locator(".st-key-loss [data-testid=stMetricValue]").all_inner_texts()


def test_runs_outlive_their_server_which_was_killed(tmp_path: Path, new_tab: Callable[..., App]) -> None:
    """One that is over is found by its link; one that was going goes on, and its owner steers it still."""
    servers, tabs = [Server(tmp_path)], []
    try:
        tab = new_tab(servers[0])
        tabs.append(tab)
        tab.go(SMALL)
        tab.wait_for_epoch(100)
        tab.train_button.click()
        tab.wait_for_progress("done in")
        link = link_in_dialog(tab, "This very run").removeprefix(servers[0].url)
        seen = numbers(tab)
        tab.start_endless_run()
        tab.wait_beyond(300)
        going = tab.page.url.removeprefix(servers[0].url)
        until(lambda: checkpointed(tmp_path, tab.token), what="a checkpoint of the run")
        tab.page.goto("about:blank")
        servers[0].end(signal.SIGKILL)

        servers.append(Server(tmp_path))
        tab.server = servers[1]
        tab.go(going)
        expect(tab.page.get_by_text("The server was started anew; the run went on from epoch")).to_be_visible(
            timeout=SOON
        )
        expect(tab.action("Pause")).to_be_visible()
        tab.action("Stop").click()

        other = new_tab(servers[1])
        tabs.append(other)
        other.go(link)
        other.wait_for_epoch(100)
        assert numbers(other) == seen
        other.wait_for_progress("somebody else's run")
        assert [name.split()[0] for name in other.shown_actions()] == ["Train", "Reset"]
    finally:
        for tab in tabs:
            tab.page.goto("about:blank")
        if servers[-1].process.poll() is None:
            servers[-1].end()


def checkpointed(home: Path, token: str) -> bool:
    """Whether a run that is going is kept with a checkpoint."""
    with closing(sqlite3.connect(f"file:{home}/runs.db?mode=ro", uri=True)) as database:
        query = "SELECT checkpoint_epoch FROM runs WHERE token = ? AND going"
        return any(epoch > 0 for (epoch,) in database.execute(query, [token]))
