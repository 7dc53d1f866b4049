"""What goes wrong: a worker that dies, a run that diverges, a server that ends."""

import signal

import numpy as np
import psutil
import pytest
from playwright.sync_api import Browser, expect

from .app import SOON, App, Server, until
from .conftest import tabs

pytestmark = pytest.mark.browser


def busiest(workers: list[psutil.Process], before: dict[int, float]) -> psutil.Process | None:
    """The one worker that has worked since ``before`` (seconds of CPU time by process), once that is clear."""
    spent = sorted((worker.cpu_times().user - before[worker.pid], worker.pid) for worker in workers)
    return psutil.Process(spent[-1][1]) if spent[-1][0] > 0.5 + 2 * sum(seconds for seconds, _ in spent[:-1]) else None


def test_a_killed_worker_is_replaced_and_its_run_goes_on_to_its_end(app: App, server: Server) -> None:
    app.slide("Epochs", "3,000")
    workers = server.workers()
    before = {worker.pid: worker.cpu_times().user for worker in workers}
    app.train()
    app.wait_until_live()
    victim = until(lambda: busiest(workers, before), what="a worker that trains")
    pictures = app.points("input")
    victim.kill()
    notice = app.page.get_by_text("The process that trained this run ended; the run went on from epoch")
    expect(notice).to_be_visible(timeout=SOON)
    assert app.points("input") == pictures  # the last ones stand
    app.wait_for_progress("epoch 3,000 / 3,000")
    app.wait_for_end()
    expect(notice).to_be_visible()
    assert app.problem_free()
    curve = app.trace("loss", 1)
    assert 2980 <= curve["x"][-1] <= 3000  # a long curve is thinned
    assert np.isfinite(curve["y"]).all()
    assert len(server.workers()) == len(workers)


def test_a_diverging_run_says_so_in_words_and_its_last_good_pictures_stay(app: App) -> None:
    app.slide("Layers", "32")
    app.open_advanced()
    app.set_exact("Learning rate", "1")
    app.set_exact("Gradient clipping", "0")
    app.set_exact("Scale bound", "10")
    app.close_advanced()
    app.train()
    warning = app.page.get_by_text("The training diverged")
    expect(warning).to_be_visible(timeout=SOON)
    expect(warning).to_contain_text("The weights of epoch 0 are kept")
    expect(warning).to_contain_text("Try a learning rate below 1")
    app.wait_for_end()
    app.wait_for_actions("Train", "Reset")
    assert app.problem_free()
    for name in ("input", "latent", "inverted"):
        assert app.points(name) == 10_000

    app.action("Reset").click()
    app.wait_for_epoch(1000)
    expect(warning).to_have_count(0)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=lambda how: how.name)
def test_no_worker_outlives_the_server(chromium: Browser, how: signal.Signals) -> None:
    server = Server()
    try:
        with tabs(chromium) as open_tab:
            app = open_tab(server)
            app.go("/")
            expect(app.plot("input").locator(".main-svg").first).to_be_visible()
        workers = server.workers()
        assert workers
        assert all(worker.is_running() for worker in workers)
    finally:
        server.end(how)  # asserts it
