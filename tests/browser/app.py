"""The app as its users meet it: a server that runs it, and its page in a browser with the steps that tests repeat."""

import atexit
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import Locator, Page, Response, expect

PROJECT = Path(__file__).parents[2]
WATCH = Path(__file__).with_name("watch.js").read_text()
DEFAULT_EPOCHS = 1000
SOON = 90_000  # milliseconds: for what takes seconds on a machine that has little else to do
# What is no fault of the app: Chromium on drawing without a GPU; Streamlit, which looks for its server first under the
# path of the page and then above it.
HARMLESS = re.compile(r"GL Driver Message|/\w+/_stcore/")

# The sources of data, by their words, and what each has in the dialog.
SOURCES = {
    "Distributions": ".lg-item",
    "Draw": "canvas[aria-label]",
    "Type": "input[type=text]",
    "Picture": "input[type=file]",
    "File or paste": "textarea",
    "Real data": "[data-testid=stSelectbox]",
}


class Server:
    """``streamlit run app.py`` on a port of its own, with a folder of its own for what it keeps, or one given."""

    def __init__(self, home: Path | None = None) -> None:
        port = free_port()
        self.home = home or Path(tempfile.mkdtemp())
        if home is None:
            atexit.register(shutil.rmtree, self.home, ignore_errors=True)
        self.url = f"http://127.0.0.1:{port}"
        self.log = tempfile.TemporaryFile("w+")  # noqa: SIM115 - open as long as the server runs
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
        command += ["--server.address", "127.0.0.1", "--server.port", str(port)]
        environment = os.environ | {"REALNVP_HOME": str(self.home)}
        self.process = subprocess.Popen(
            command, cwd=PROJECT, stdout=self.log, stderr=subprocess.STDOUT, env=environment
        )
        until(self.answers, what="the server to answer")

    def answers(self) -> bool:
        try:
            with closing(urllib.request.urlopen(f"{self.url}/_stcore/health")) as answer:
                return answer.status == 200
        except OSError:
            return False

    def workers(self) -> list[psutil.Process]:
        """Its worker processes; the first page that is opened starts them."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        return [child for child in children if "realnvp.engine.worker" in child.cmdline()]

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Ends the server, and with it, as this asserts, its workers; nothing may have gone wrong in its time."""
        assert self.process.poll() is None, f"the server ended by itself: {self.process.returncode}\n{self.said()}"
        workers = self.workers()
        self.process.send_signal(how)
        self.process.wait(timeout=60)
        _, left = psutil.wait_procs(workers, timeout=30)
        for worker in left:
            worker.kill()
        assert not left, f"these workers outlived their server: {left}"
        said = self.said()
        self.log.close()
        assert "Traceback" not in said, said

    def said(self) -> str:
        self.log.seek(0)
        return self.log.read()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def until(condition: Any, *, what: str, timeout: float = SOON / 1000) -> Any:
    """The first true answer of ``condition``."""
    end = time.monotonic() + timeout
    while not (answer := condition()):
        assert time.monotonic() < end, f"waited {timeout:g} s for {what}"
        time.sleep(0.05)
    return answer


class App:
    """The app in one tab of a browser."""

    def __init__(self, page: Page, server: Server) -> None:
        self.page = page
        self.server = server
        self.faults: list[str] = []  # errors on the console, requests to other machines
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(f"page error: {error.stack}"))
        page.on("request", self._request)
        self.panels = page.locator(".st-key-live_panels .live-figure")
        self.loss = page.locator(".st-key-live_loss .live-figure")
        self.stage = page.locator(".st-key-stage .live-figure")
        self.stage_caption = page.locator(".lf-stage-caption")
        self.stages = page.locator(".st-key-stages .live-figure")
        self.actions = page.locator(".st-key-actions")
        self.progress = page.locator(".st-key-progress")
        self.place = page.get_by_role("slider", name="Place on the way")
        self.caption = page.locator(".lf-send-caption")
        self.canvas = page.locator(".lf-canvas")

    def _console(self, message: Any) -> None:
        words = f"console {message.type}: {message.text} ({message.location['url']})"
        if message.type in ("error", "warning") and not HARMLESS.search(words):
            self.faults.append(words)

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.server.url, "data:", "blob:")):
            self.faults.append(f"request to {request.url}")

    # Opening and leaving.

    def open(self, path: str = "/") -> "App":
        """Opens the playground; the default run has been trained."""
        self.go(path)
        self.wait_for_epoch(DEFAULT_EPOCHS)
        expect(self.loss).to_have_attribute("data-epoch", str(DEFAULT_EPOCHS), timeout=SOON)
        return self

    def go(self, path: str) -> Response:
        return self.page.goto(self.server.url + path)

    def leave(self) -> None:
        """Closes the tab; a run that still goes would slow the tests that follow, and mislead some of them."""
        stop = self.action("Stop")
        in_reach = self.actions.is_visible() and self.page.get_by_role("dialog").count() == 0
        if self.token and not in_reach:  # an inner page has no such button, and a failed test may leave a dialog open
            self.go(f"/?run={self.token}")
            expect(self.actions.get_by_role("button").first).to_be_visible(timeout=SOON)
        if stop.is_visible():
            stop.click()
            expect(stop).to_be_hidden(timeout=SOON)
        self.page.close()

    # Reading.

    @property
    def epoch(self) -> int:
        """The epoch of the pictures."""
        return int(self.panels.get_attribute("data-epoch"))

    @property
    def token(self) -> str | None:
        found = re.search(r"[?&]run=([\w-]+)", self.page.url)
        return found and found[1]

    def plot(self, name: str) -> Locator:
        """The Plotly plot of a panel: input, latent, inverted or loss."""
        return self.page.locator(f'.lf-panel[data-name="{name}"] .lf-plot')

    def trace(self, name: str, which: int = 0) -> dict[str, Any]:
        """Coordinates and colours of a curve or point cloud, as the browser has them."""
        return self.plot(name).evaluate(
            """(plot, which) => {
              const { x, y, name, marker, line } = plot.data[which];
              const list = (values) => (ArrayBuffer.isView(values) ? [...values] : values);
              return { x: list(x), y: list(y), name, color: list(marker?.color), line: line?.color };
            }""",
            which,
        )

    def points(self, name: str) -> int:
        return self.plot(name).evaluate("plot => plot.data[0].x.length")

    def ranges(self, name: str) -> list[list[float]]:
        return self.plot(name).evaluate("({ _fullLayout: { xaxis, yaxis } }) => [[...xaxis.range], [...yaxis.range]]")

    def shown_actions(self) -> list[str]:
        """The names of the buttons to be seen, without the time expected."""
        names = self.actions.get_by_role("button").all_inner_texts()
        return [re.sub(r"\s*\(about .*\)", "", name.splitlines()[-1]) for name in names]

    def problem_free(self) -> bool:
        """Whether no error is shown: neither Streamlit's nor the live figure's."""
        return self.page.locator(".stException, [data-testid=stException], .lf-problem").count() == 0

    # Waiting.

    def wait_for_epoch(self, epoch: int) -> None:
        """Until the pictures are of this epoch."""
        expect(self.panels).to_have_attribute("data-epoch", str(epoch), timeout=SOON)

    def wait_beyond(self, epoch: int) -> None:
        """Until the pictures are of a later epoch."""
        self.page.wait_for_function(
            "epoch => document.querySelector('.st-key-live_panels .live-figure')?.dataset.epoch > epoch",
            arg=epoch,
            timeout=SOON,
        )

    def wait_for_progress(self, words: str | re.Pattern[str]) -> None:
        expect(self.progress).to_contain_text(words, timeout=SOON)

    def wait_until_live(self) -> None:
        """Until the pictures are of a run that goes, which must be one of some seconds."""
        self.page.wait_for_function(
            "() => document.querySelector('.lf-input .lf-plot')?.data?.[0].x.length === 1000", timeout=SOON
        )

    def wait_for_end(self) -> None:
        """Until a run of one's own is over, with its final pictures."""
        expect(self.action("Reset")).to_be_visible(timeout=SOON)
        self.page.wait_for_function(
            "() => document.querySelector('.lf-input .lf-plot')?.data?.[0].x.length === 10000", timeout=SOON
        )

    def wait_for_actions(self, *names: str) -> None:
        """Until the buttons to be seen are these: those of a state before stay for a moment."""
        until(lambda: self.shown_actions() == list(names), what=f"the buttons {names}")

    # Doing.

    def action(self, name: str) -> Locator:
        return self.actions.get_by_role("button", name=name, exact=True)

    @property
    def train_button(self) -> Locator:
        return self.actions.get_by_role("button", name="Train")

    def train(self) -> None:
        """Presses Train and waits until the new run is the one on the page; it needs 200 epochs to be seen going."""
        before = self.token
        self.train_button.click()
        self.page.wait_for_function(
            """(before) => {
              const actions = [...document.querySelectorAll(".st-key-actions button")].map((node) => node.textContent);
              const token = new URLSearchParams(location.search).get("run");
              return token && token !== before && actions.some((words) => words.includes("Pause"));
            }""",
            arg=before,
            timeout=SOON,
        )

    def slider(self, label: str) -> Locator:
        return self.page.get_by_role("group", name=label, exact=True).get_by_role("slider")

    def slide(self, label: str, value: str, *, key: str = "ArrowRight") -> None:
        """Moves a setting's slider with the keyboard until it reads so."""
        slider = self.slider(label)
        for _ in range(20):
            if slider.get_attribute("aria-valuetext") == value:
                return
            slider.press(key)
        raise AssertionError(f"{label} cannot be set to {value}")

    def select(self, label: str, option: str) -> None:
        box = self.page.get_by_role("combobox", name=label, exact=True)
        choice = self.page.get_by_role("option", name=option, exact=True)

        def opened() -> bool:
            if not choice.is_visible():  # the page's answer to what was changed before may have closed the list
                box.press("ArrowDown")
            return choice.is_visible()

        until(opened, what=f"the option {option}")
        choice.click()
        expect(box).to_have_value(option)

    @property
    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog", name="Choose the data")

    @property
    def dataset(self) -> Locator:
        """The button that names the data and opens the dialog."""
        return self.page.locator(".st-key-choose_data button").last

    def open_data(self, source: str) -> Locator:
        """Opens the dialog of the data at one of its sources, by its words."""
        self.dataset.click()
        expect(self.dialog).to_be_visible(timeout=SOON)
        last = self.dialog.get_by_role("radio", checked=True)
        self.shows(last.inner_text().strip())  # a click before the dialog is whole may find another in its place
        self.dialog.get_by_role("radio", name=source, exact=True).click()
        self.shows(source)
        return self.dialog

    def shows(self, source: str) -> None:
        """Waits until the dialog of the data has what belongs to a source."""
        expect(self.dialog.locator(SOURCES[source]).first).to_be_attached(timeout=SOON)

    def choose(self, name: str) -> None:
        """Chooses a distribution from the shelf."""
        self.open_data("Distributions").locator(f'.lg-item[data-name="{name}"]').click(timeout=SOON)
        expect(self.dialog).to_be_hidden(timeout=SOON)

    def selected(self, label: str) -> Locator:
        return self.page.get_by_role("combobox", name=label, exact=True)

    def start_endless_run(self) -> None:
        """Starts a run of 50,000 epochs and waits for its first picture."""
        self.slide("Epochs", "50,000")
        self.train()
        self.wait_until_live()

    def open_advanced(self) -> None:
        self.page.get_by_role("button", name="Advanced").click()
        expect(self.exact("Layers")).to_be_visible()

    def close_advanced(self) -> None:
        self.page.keyboard.press("Escape")
        expect(self.page.get_by_role("dialog", name="Advanced")).to_be_hidden()

    def exact(self, label: str) -> Locator:
        """A number under Advanced, which is open."""
        return self.page.get_by_role("spinbutton", name=label, exact=True)

    def set_exact(self, label: str, value: str) -> None:
        self.exact(label).fill(value)
        self.exact(label).press("Enter")

    def watch(self) -> None:
        """Records from now on what becomes of the live figures: see watch.js."""
        self.page.evaluate(WATCH)

    def watched(self) -> dict[str, Any]:
        return self.page.evaluate("() => window.watched()")
