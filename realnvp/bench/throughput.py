"""Points a second through a trained-size flow, and the memory it takes. Each flow has a fresh process of its own.

Run as ``python -m realnvp.bench.throughput FLOW POINTS``, it is that process.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

import torch
from tqdm import tqdm

from realnvp.bench.peers import Peer, Size, our_flow, peers
from realnvp.bench.table import Table

CHUNK = 10_000  # points at once
PROJECT = Path(__file__).parents[2]


def throughput(points: int = 1_000_000, rounds: int = 3, names: Sequence[str] = ()) -> list[Table]:
    """Points a second of log_prob and sample, and the process's memory, ours and the peers'."""
    if not find_spec("psutil"):
        note = "not measured, for psutil is missing: pip install -r tests/peers.txt."
        return [Table("Points a second", [], note=note)]
    found: dict[str, list[dict[str, float]]] = {}
    for _ in tqdm(range(rounds), unit="round"):
        for name in names or flows():
            command = [sys.executable, "-m", "realnvp.bench.throughput", name, str(points)]
            done = subprocess.run(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True, check=True)
            found.setdefault(name, []).append(json.loads(done.stdout.splitlines()[-1]))
    rows = [
        {"flow": name, **{what: statistics.median(result[what] for result in results) for what in results[0]}}
        for name, results in found.items()
    ]
    note = (
        f"{points:,} points in chunks of {CHUNK:,}, one thread, 6 couplings of width 64; medians of {rounds} processes "
        "each. Memory is what the whole process holds: before the first point, after the last, and at its peak."
    )
    return [
        Table(
            "Throughput and memory",
            rows,
            labels=("flow",),
            drawn=("log_prob", "sample"),
            unit="points a second",
            note=note,
        )
    ]


def flows() -> dict[str, Callable[[Size], Peer]]:
    return {"here": our_flow, **peers()}


@torch.no_grad()
def measured(name: str, points: int) -> dict[str, float]:
    """Of one flow, in this process: points a second, and megabytes."""
    flow = flows()[name](Size())
    x = torch.randn(min(CHUNK, points), 2)
    before = megabytes()[0]
    speeds = {}
    for what, call in (("log_prob", lambda: flow.log_prob(x)), ("sample", lambda: flow.sample(len(x)))):
        call()
        started = time.perf_counter()
        for _ in range(points // len(x)):
            call()
        speeds[what] = points // len(x) * len(x) / (time.perf_counter() - started)
    held, peak = megabytes()
    return {**speeds, "MB before": before, "MB after": held, "MB peak": peak}


def megabytes() -> tuple[float, float]:
    """The memory that this process holds, and the most it has held, in MB."""
    import psutil

    now = psutil.Process().memory_info()
    status = Path("/proc/self/status")
    if status.exists():  # Linux: getrusage would count what the parent held before this process began
        (line,) = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        peak = 1024 * int(line.split()[1])
    elif hasattr(now, "peak_wset"):  # Windows
        peak = now.peak_wset
    else:  # macOS
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return now.rss / 1e6, max(peak, now.rss) / 1e6


if __name__ == "__main__":
    torch.set_num_threads(1)
    print(json.dumps(measured(sys.argv[1], int(sys.argv[2]))))
