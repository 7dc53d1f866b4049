"""A client of the app that receives everything, presses buttons and polls as a browser does, but draws nothing."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import streamlit  # noqa: F401 - its messages can only be imported after it
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect


@dataclass(frozen=True)
class Poll:
    """One answer of the server to a page that asks for news."""

    seconds: float  # from the question to the end of the answer
    size: int  # bytes of the messages


class ThinClient:
    """One session on the playground."""

    def __init__(self, url: str) -> None:
        address = url.replace("http", "ws", 1) + "/_stcore/stream"
        self.socket = connect(address, subprotocols=["streamlit"], max_size=None, legacy=True)
        self.progress = ""  # the words of the progress bar
        self.buttons: dict[str, tuple[str, str]] = {}  # label -> the button's id, and the fragment it belongs to
        self.polls: list[Poll] = []
        self._asked_at: float | None = None  # when the poll was sent that is not answered yet
        self._size = 0  # bytes since then
        self._page = self._query = ""
        self.intervals: dict[str, float] = {}  # fragments that ask to be run again and again
        self._due: dict[str, float] = {}
        self._asked: set[str] = set()  # those that have asked since the last run of the whole page began
        self.rerun()

    def press(self, label: str) -> None:
        button, fragment = next(found for name, found in self.buttons.items() if name.startswith(label))
        self._asked_at = None
        self.rerun(fragment, button=button)

    def rerun(self, fragment: str = "", *, button: str | None = None, polls: bool = False) -> None:
        """Asks for the whole page, or for one of its fragments, and does not wait for the answer."""
        self.socket.send(self.request(fragment, button=button, polls=polls))

    def request(self, fragment: str = "", *, button: str | None = None, polls: bool = False) -> bytes:
        """The message that asks for the whole page, or for one of its fragments."""
        message = BackMsg()
        request = message.rerun_script
        request.page_script_hash, request.query_string = self._page, self._query
        request.fragment_id, request.is_auto_rerun = fragment, polls
        if button:
            pressed = request.widget_states.widgets.add()
            pressed.id, pressed.trigger_value = button, True
        return message.SerializeToString()

    def wait(self, done: Callable[[], bool], timeout: float = 300) -> None:
        """Receives, and polls when it is time, until a run of the script ends with ``done``."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            for fragment, due in self._due.items():
                if due <= time.monotonic():
                    self._asked_at, self._size = time.perf_counter(), 0
                    self.rerun(fragment, polls=True)
                    self._due[fragment] = time.monotonic() + self.intervals[fragment]
            pause = min(self._due.values(), default=end) - time.monotonic()
            try:
                received = self.socket.recv(timeout=max(pause, 0.001))
            except TimeoutError:
                continue
            message = ForwardMsg.FromString(received)
            self._size += len(received)
            self._take(message)
            if message.WhichOneof("type") == "script_finished":
                if self._asked_at is not None:
                    self.polls.append(Poll(time.perf_counter() - self._asked_at, self._size))
                    self._asked_at = None
                if done():
                    return
        raise TimeoutError(f"still at {self.progress!r}")

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._page = message.new_session.page_script_hash
            self._asked = set()
        elif kind == "page_info_changed":
            self._query = message.page_info_changed.query_string
        elif kind == "auto_rerun":
            fragment, interval = message.auto_rerun.fragment_id, message.auto_rerun.interval
            self._asked.add(fragment)
            self.intervals[fragment], self._due[fragment] = interval, time.monotonic() + interval
        elif kind == "script_finished" and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
            self._due = {fragment: due for fragment, due in self._due.items() if fragment in self._asked}
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            element = message.delta.new_element
            if element.WhichOneof("type") == "button":
                self.buttons[element.button.label] = (element.button.id, message.delta.fragment_id)
            elif element.WhichOneof("type") == "progress":
                self.progress = element.progress.text
