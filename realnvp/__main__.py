"""The command line: ``python -m realnvp train`` trains a flow and reports how good it is; ``bench`` measures.

``export`` writes a run as a script, notebook, weights, tables, page or sheet. ``datasets`` lists what can be learned.
"""

import argparse
import sys
from collections.abc import Sequence
from typing import NoReturn

from realnvp.commands.bench import add_bench_command
from realnvp.commands.datasets import add_datasets_command
from realnvp.commands.export import add_export_command
from realnvp.commands.train import add_train_command


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit status."""
    parser = Parser(prog="python -m realnvp", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, parser_class=Parser)
    add_train_command(commands)
    add_export_command(commands)
    add_bench_command(commands)
    add_datasets_command(commands)
    options = parser.parse_args(arguments)
    return options.run(options)


if __name__ == "__main__":
    sys.exit(main())
