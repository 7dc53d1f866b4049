"""A worker process and the pipe to it, both ends: ``WorkerProcess`` in the server, ``serve`` in the process."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from multiprocessing.connection import Client, Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from realnvp.engine.worker import Worker

PROJECT = Path(__file__).parents[2]
KEY = "REALNVP_WORKER_KEY"  # environment variable: what lets a process in, in hexadecimal digits


class WorkerProcess:
    """The server's end. Commands given before the process has connected wait for it."""

    def __init__(self, address: str, key: bytes) -> None:
        self.connection: Connection | None = None
        self.devices: list[str] = []
        self._waiting: list[tuple[str, tuple[Any, ...]]] = []
        self._lock = threading.Lock()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "realnvp.engine.worker", address],
            cwd=PROJECT,
            env={**os.environ, KEY: key.hex(), "OMP_NUM_THREADS": "1"},
            stdin=subprocess.DEVNULL,
        )

    def connected(self, connection: Connection) -> None:
        with self._lock:
            self.connection = connection
            for command in self._waiting:
                connection.send(command)
            self._waiting.clear()

    def send(self, command: str, *arguments: Any) -> None:
        """Calls a method of the worker. To a process that has just died it is lost: its runs begin anew elsewhere."""
        with self._lock:
            if self.connection is None:
                self._waiting.append((command, arguments))
                return
            with contextlib.suppress(OSError):
                self.connection.send((command, arguments))

    def close(self) -> None:
        """Ends the process. Without a server it would end by itself."""
        if self.connection is not None:
            self.connection.close()
        self.process.terminate()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def serve(worker: "Worker") -> None:
    """The process's end: trains, and between two slices does what it is told, until the server is gone."""
    import torch

    from realnvp.training import available_devices

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in the terminal is for the server, which then hangs up
    if hasattr(os, "nice"):
        os.nice(5)  # pages come first
    torch.set_num_threads(1)
    server = Client(sys.argv[1], authkey=bytes.fromhex(os.environ[KEY]))
    with contextlib.suppress(EOFError, ConnectionError), server as connection:
        connection.send((os.getpid(), available_devices()))
        while True:
            while connection.poll(worker.wait_seconds()):
                command, arguments = connection.recv()
                for report in getattr(worker, command)(*arguments):
                    connection.send(report)
            for report in worker.work():
                connection.send(report)
