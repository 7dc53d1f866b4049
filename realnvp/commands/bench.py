"""``bench``: measures quality and speed."""

import argparse
import json
from pathlib import Path
from typing import Any

import torch

from realnvp.bench import MEASUREMENTS
from realnvp.bench.machine import machine


def add_bench_command(commands: Any) -> None:
    command = commands.add_parser("bench", help="measure quality and speed")
    command.add_argument(
        "what",
        nargs="?",
        choices=list(MEASUREMENTS),
        help=" ".join(f"{k}: {f.__doc__}" for k, f in MEASUREMENTS.items()) + " Without a name: all of them.",
    )
    command.add_argument("--json", action="store_true", help="print one JSON object on the last line, and no tables")
    command.add_argument("--html", type=Path, metavar="FILE", help="save tables and plots as one page")
    command.set_defaults(run=run_bench, error=command.error)


def run_bench(options: argparse.Namespace) -> int:
    if options.html and not options.html.absolute().parent.is_dir():
        options.error(f"html: there is no folder {str(options.html.parent)!r} to save the page in")
    torch.set_num_threads(1)
    measured = {}
    try:
        for name in [options.what] if options.what else MEASUREMENTS:
            measured[name] = MEASUREMENTS[name]()
            if not options.json:
                print("\n\n".join(table.text() for table in measured[name]), end="\n\n", flush=True)
    except KeyboardInterrupt:
        return 130
    if options.html:
        from realnvp.bench.page import page

        words = ", ".join(f"{what} {value}" for what, value in machine().items() if value is not None)
        options.html.write_text(page([table for tables in measured.values() for table in tables], words))
    if options.json:
        found = {name: [table.data() for table in tables] for name, tables in measured.items()}
        print(json.dumps({"machine": machine(), "measured": found}))
    return 0
