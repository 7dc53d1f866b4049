"""A worker process and the pipe to it, both ends: ``WorkerProcess`` in the server, ``serve`` in the process."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from multiprocessing.connection import Client, Connection
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from realnvp.engine.worker import Worker

PROJECT = Path(__file__).parents[2]
KEY = "REALNVP_WORKER_KEY"  # environment variable: what lets a process in, in hexadecimal digits


class WorkerProcess:
    """The server's end. Commands queue up and are sent by a thread of their own: no page waits for a busy process."""

    def __init__(self, address: str, key: bytes) -> None:
        self.connection: Connection | None = None  # closes when its threads have let go of it
        self.process: subprocess.Popen[bytes] | None = None
        self.devices: list[str] = []
        self._address, self._key = address, key
        self._commands: SimpleQueue[tuple[str, tuple[Any, ...]] | None] = SimpleQueue()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "realnvp.engine.worker", self._address],
            cwd=PROJECT,
            env={**os.environ, KEY: self._key.hex(), "OMP_NUM_THREADS": "1"},
            stdin=subprocess.DEVNULL,
        )

    @property
    def pid(self) -> int | None:
        return self.process and self.process.pid

    @property
    def died_early(self) -> bool:
        """Whether its process has ended without ever having connected."""
        return self.connection is None and self.process is not None and self.process.poll() is not None

    def connected(self, connection: Connection) -> None:
        self.connection = connection
        threading.Thread(target=self._send_all, args=(connection,), daemon=True, name="engine_send").start()

    def send(self, command: str, *arguments: Any) -> None:
        """Calls a method of the worker. To a process that has just died it is lost: its runs begin anew elsewhere."""
        self._commands.put((command, arguments))

    def close(self) -> None:
        """Ends the process. Without a server it would end by itself."""
        self._commands.put(None)
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _send_all(self, connection: Connection) -> None:
        with contextlib.suppress(OSError):
            while command := self._commands.get():
                connection.send(command)


def serve(worker: "Worker") -> None:
    """The process's end: trains, and between two slices does what it is told, until the server is gone."""
    import torch

    from realnvp.training import available_devices

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in the terminal is for the server, which then hangs up
    if hasattr(os, "nice"):
        os.nice(5)  # pages come first
    torch.set_num_threads(1)
    try:
        server = Client(sys.argv[1], authkey=bytes.fromhex(os.environ[KEY]))
    except (OSError, EOFError):  # the server has ended while torch was imported here
        return
    with contextlib.suppress(EOFError, ConnectionError), server as connection:
        connection.send((os.getpid(), available_devices()))
        while True:
            while connection.poll(worker.wait_seconds()):
                command, arguments = connection.recv()
                for report in getattr(worker, command)(*arguments):
                    connection.send(report)
            for report in worker.work():
                connection.send(report)
