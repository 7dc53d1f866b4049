"""``datasets``: lists what can be learned."""

import argparse
import json
from dataclasses import asdict
from typing import Any

from realnvp.datasets import DISTRIBUTIONS, distribution


def add_datasets_command(commands: Any) -> None:
    command = commands.add_parser("datasets", help="list the datasets, with the entropy and the lesson of each")
    command.add_argument("--json", action="store_true", help="print one JSON list of objects")
    command.set_defaults(run=run_datasets)


def run_datasets(options: argparse.Namespace) -> int:
    entropies = {name: distribution(name, dataset.noise).entropy for name, dataset in DISTRIBUTIONS.items()}
    if options.json:
        listed = [{"name": name, **asdict(DISTRIBUTIONS[name]), "entropy": h} for name, h in entropies.items()]
        print(json.dumps(listed))
    else:
        print(f"{'name':15}  entropy (nats)  teaches")
        for name, entropy in entropies.items():
            print(f"{name:15}  {entropy:14.3f}  {DISTRIBUTIONS[name].teaches}")
    return 0
