"""Measures the page in headless Chromium: ``PYTHONPATH=tests python -m browser.measure``. Nothing here is asserted.

Start of the server, first picture after Train, frames a second on the main thread, frames without plots and plots
rebuilt, bytes an update, a table from its upload to its picture, the layers page of an 8-layer flow from its opening to
the end of its animation, and the training rate with a page open against the command line's.
"""

import json
import re
import shutil
import statistics
import subprocess
import sys
import time

from playwright.sync_api import Browser, Page, Playwright, WebSocket, sync_playwright

from browser.app import Server
from browser.conftest import DESKTOP, FLAGS
from realnvp.ui.thin_client import ThinClient

WATCH = """() => {
  const watch = { start: performance.now(), frames: 0, blank: 0, removed: 0, first: null, epochs: [] };
  window.watch = watch;
  const plots = () => document.querySelectorAll('.lf-plot .main-svg, .lf-plot canvas').length;
  const before = plots();
  new MutationObserver((changes) => {
    for (const change of changes)
      for (const node of change.removedNodes)
        if (node.nodeType === 1 && (node.matches('.js-plotly-plot') || node.querySelector('.js-plotly-plot')))
          watch.removed += 1;
  }).observe(document.body, { subtree: true, childList: true });
  const tick = () => {
    watch.frames += 1;
    const drawn = document.querySelectorAll('.js-plotly-plot .main-svg');
    if (document.querySelectorAll('.js-plotly-plot').length < 4 || drawn.length < 4) watch.blank += 1;
    const epoch = document.querySelector('.st-key-live_panels .live-figure')?.dataset.epoch;
    if (epoch !== watch.epochs.at(-1)) {
      watch.epochs.push(epoch);
      if (watch.first === null && watch.pressed && epoch === '0') watch.first = performance.now() - watch.pressed;
    }
    watch.request = requestAnimationFrame(tick);
  };
  tick();
  document.addEventListener('click', () => { watch.pressed ??= performance.now(); }, true);
}"""


class Traffic:
    """Messages of a page's socket, in bytes."""

    def __init__(self, page: Page) -> None:
        self.sizes: list[int] = []
        page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda payload: self.sizes.append(len(payload)))


def measure_page(page: Page, traffic: Traffic) -> dict[str, float]:
    """A run of over 10 s with live panels, from the press of Train to its end."""
    page.get_by_role("group", name="Epochs", exact=True).get_by_role("slider").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="Train with new settings").wait_for()
    page.evaluate(WATCH)
    traffic.sizes.clear()
    page.locator(".st-key-actions").get_by_role("button", name=re.compile("^Train")).click()
    page.get_by_text(re.compile("done in")).wait_for(timeout=300_000)
    watch = page.evaluate("() => ({ ...window.watch, seconds: (performance.now() - window.watch.start) / 1000 })")
    updates = len(watch["epochs"])
    return {
        "run_seconds": watch["seconds"],
        "frames_a_second": watch["frames"] / watch["seconds"],
        "frames_without_plots": watch["blank"],
        "plots_rebuilt": watch["removed"],
        "first_picture_seconds": watch["first"] / 1000,
        "updates": updates,
        "kilobytes_an_update": sum(traffic.sizes) / updates / 1000,
        "largest_message_kilobytes": max(traffic.sizes) / 1000,
    }


def measure_journey(page: Page) -> dict[str, float]:
    """Frames a second that draw the points while they are sent through."""
    page.wait_for_function("document.querySelector('.lf-canvas').dataset.place === '0.00'")
    page.mouse.move(0, 0)  # away from the tooltip of Train
    page.get_by_role("button", name="Send the points through").click()
    frames = page.evaluate(
        """() => new Promise((resolve) => {
      const canvas = document.querySelector('.lf-canvas');
      const places = new Set();
      const start = performance.now();
      const tick = () => {
        places.add(canvas.dataset.place);
        if (performance.now() - start > 1000 && canvas.dataset.place === '0.00')
          resolve([places.size, (performance.now() - start) / 1000]);
        else requestAnimationFrame(tick);
      };
      tick();
    })"""
    )
    return {"journey_seconds": frames[1], "journey_frames_a_second": frames[0] / frames[1]}


def measure_layers(page: Page, traffic: Traffic) -> dict[str, object]:
    """The layers page of a flow of 8 layers: opened from the menu, and played once."""
    for label, key in (("Layers", "ArrowRight"), ("Epochs", "ArrowLeft")):
        page.get_by_role("group", name=label, exact=True).get_by_role("slider").focus()
        for _ in range(1 if label == "Layers" else 3):
            page.keyboard.press(key)
    page.get_by_role("button", name="Train with new settings").click()
    page.wait_for_function("document.querySelector('.lf-send .lf-slider').max === '16'", timeout=300_000)
    page.get_by_text(re.compile("done in")).wait_for(timeout=300_000)
    page.evaluate("sessionStorage.setItem('realnvp-stage', 'seen')")
    page.get_by_role("button", name="Look inside").click()
    link = page.get_by_role("menuitem", name="Layers")
    link.wait_for()
    traffic.sizes.clear()
    started = time.monotonic()
    link.click()
    page.locator(".st-key-stage .live-figure[data-stands]").wait_for()
    result = {"layers_ready_seconds": time.monotonic() - started}
    page.wait_for_timeout(2000)  # what else the page sends
    result["layers_messages_kilobytes"] = [round(size / 1000, 1) for size in traffic.sizes if size > 10_000]
    traffic.sizes.clear()
    page.locator(".lf-stage-row .lf-send-button").click()
    frames, seconds = page.evaluate(
        """() => new Promise((resolve) => {
      const canvas = document.querySelector('.lf-canvas');
      const places = new Set();
      const start = performance.now();
      const tick = () => {
        places.add(canvas.dataset.place);
        if (canvas.dataset.place === '8.00') resolve([places.size, (performance.now() - start) / 1000]);
        else requestAnimationFrame(tick);
      };
      tick();
    })"""
    )
    result |= {"layers_frames_a_second": frames / seconds, "layers_messages_while_playing": len(traffic.sizes)}
    return result


def measure_upload(page: Page, rows: int = 100_000) -> dict[str, float]:
    """A table of so many rows, from its upload to its picture, and the frames a second meanwhile."""
    numbers = "\n".join(f"{k * 0.001:.3f},{k % 97 * 0.01:.2f}" for k in range(rows))
    page.locator(".st-key-choose_data button").last.click()
    page.get_by_role("radio", name="File or paste").click()
    upload = page.get_by_role("dialog").locator("input[type=file]")
    upload.wait_for(state="attached")
    page.evaluate(WATCH)
    file = {"name": "numbers.csv", "mimeType": "", "buffer": f"a,b\n{numbers}".encode()}
    started = time.monotonic()
    upload.set_input_files(file)
    page.locator(".st-key-own_preview .js-plotly-plot .main-svg").first.wait_for()
    seconds = time.monotonic() - started
    frames = page.evaluate("() => window.watch.frames / ((performance.now() - window.watch.start) / 1000)")
    page.keyboard.press("Escape")
    return {"upload_seconds_to_preview": seconds, "upload_frames_a_second": frames}


def measure_rates(url: str, rounds: int = 5) -> dict[str, float]:
    """Epochs a second of training: the command line, and a client that receives everything; alternating.

    The client's time is from the press of Train to the news of the end, with the final pictures in it.
    """
    client = ThinClient(url)
    client.wait(lambda: "trained when the server started" in client.progress)
    alone, live = [], []
    for _ in range(rounds):
        command = [sys.executable, "-m", "realnvp", "train", "--device", "cpu", "--json"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        result = json.loads(done.stdout.splitlines()[-1])
        alone.append(result["epochs"] / result["seconds"])
        started = time.monotonic()
        client.press("Train")
        client.wait(lambda: "left" in client.progress)
        client.wait(lambda: "done in" in client.progress)
        live.append(result["epochs"] / (time.monotonic() - started))
    return {
        "command_line_epochs_a_second": statistics.median(alone),
        "page_open_epochs_a_second": statistics.median(live),
        "page_open_to_command_line": statistics.median(live) / statistics.median(alone),
    }


def open_chromium(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)


def main() -> None:
    with sync_playwright() as playwright, open_chromium(playwright) as browser:
        page = browser.new_page(viewport=DESKTOP)
        traffic = Traffic(page)
        started = time.monotonic()
        server = Server()
        try:
            page.goto(server.url)
            page.get_by_role("group", name="Epochs", exact=True).wait_for()
            result = {"start_to_controls_seconds": time.monotonic() - started}
            page.locator(".st-key-live_panels .live-figure[data-epoch]").wait_for()
            result["start_to_first_picture_seconds"] = time.monotonic() - started
            page.get_by_text("trained when the server started").wait_for(timeout=120_000)
            page.wait_for_function("document.querySelector('.lf-canvas').dataset.place === '0.00'")
            result |= measure_page(page, traffic)
            result |= measure_journey(page)
            result |= measure_upload(page)
            result |= measure_layers(page, traffic)
            page.close()
            result |= measure_rates(server.url)
        finally:
            server.end()
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
