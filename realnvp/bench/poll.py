"""What a page costs the server while a run goes: the time and the bytes of each answer to its question for news."""

import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tqdm import tqdm

from realnvp.bench.table import Table

PROJECT = Path(__file__).parents[2]


def poll(runs: int = 8) -> list[Table]:
    """Milliseconds and kilobytes of a poll, while runs train: the whole app, asked by a client that draws nothing."""
    from realnvp.ui.thin_client import ThinClient

    with server() as url:
        client = ThinClient(url)
        client.wait(lambda: "trained when the server started" in client.progress)
        client.polls.clear()
        for _ in tqdm(range(runs), unit="run"):
            client.press("Train")
            client.wait(lambda: "left" in client.progress)
            client.wait(lambda: "done in" in client.progress)
        client.socket.close()
    times = [1000 * answer.seconds for answer in client.polls]
    sizes = [answer.size / 1000 for answer in client.polls]
    rows = [
        {
            "a poll": what,
            "median": statistics.median(values),
            "longest of ten": statistics.quantiles(values, n=10)[-1],
            "largest": max(values),
        }
        for what, values in (("milliseconds", times), ("kilobytes", sizes))
    ]
    note = (
        f"{len(times)} polls of one page in {runs} runs of the preset Quick, timed by the client from its question "
        "to the end of the answer, with Streamlit's part and the pictures. The last of a run has the final pictures."
    )
    return [Table("A poll", rows, labels=("a poll",), note=note)]


@contextmanager
def server() -> Iterator[str]:
    """The app on a port of its own: its address."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    options = ["--server.headless", "true", "--server.address", "127.0.0.1", "--server.port", str(port)]
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", *options], cwd=PROJECT, stdout=subprocess.DEVNULL
    )
    try:
        while not answers(f"http://127.0.0.1:{port}"):
            if process.poll() is not None:
                raise RuntimeError(f"the app did not start: streamlit ended with status {process.returncode}")
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_stcore/health") as answer:
            return answer.status == 200
    except OSError:
        return False
