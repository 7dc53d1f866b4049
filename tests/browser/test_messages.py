"""Messages as Streamlit hands them to the modules of the page."""

import base64
from collections.abc import Iterator

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from realnvp.ui.runs import KEEP_ALIVE_SECONDS
from realnvp.ui.thin_client import ThinClient
from realnvp.ui.wire import dated, pack

from .app import App, Server

pytestmark = pytest.mark.browser


def test_a_message_that_is_handed_over_late_changes_nothing(app: App) -> None:
    old, new = (dated("late", pack({"kind": "copy", "text": text})) for text in ("old", "new"))
    shown = app.page.evaluate(
        """async (messages) => {
          const loaded = performance.getEntriesByType('resource').find(({ name }) => name.endsWith('/main.js'));
          const { default: show } = await import(loaded.name);
          const parentElement = document.createElement('div');
          document.body.append(parentElement);
          const shown = [];
          for (const message of messages) {
            show({ data: Uint8Array.from(atob(message), (c) => c.charCodeAt(0)), parentElement });
            shown.push(parentElement.querySelector('input').value);
          }
          parentElement.remove();
          return shown;
        }""",
        [base64.b64encode(message).decode() for message in (old, new, old, new)],
    )
    assert shown == ["old", "new", "new", "new"]


@pytest.fixture
def client(server: Server) -> Iterator[ThinClient]:
    """One that has a run going."""
    client = ThinClient(server.url)
    client.wait(lambda: True)
    client.press("Train")
    client.wait(lambda: " s left" in client.progress)
    yield client
    client.press("Stop")
    client.wait(lambda: "stopped" in client.progress or "done" in client.progress)
    client.socket.close()


def test_a_poll_that_waits_for_the_page_takes_nothing_of_it_back(client: ThinClient) -> None:
    fragment = client.buttons["Pause"][1]
    figures = [figures_of_a_page(client, fragment) for _ in range(4)]
    assert figures == [{"live_panels", "live_loss", "film"}] * 4


def figures_of_a_page(client: ThinClient, fragment: str) -> set[str]:
    """The figures that come before a run of the whole page is said to be over, while which a poll arrives.

    The poll is sent once the run has begun: of two requests that both wait Streamlit would make one.
    """
    client.rerun()
    names: set[str] = set()
    over = None
    while True:
        message = ForwardMsg.FromString(client.socket.recv(timeout=60))
        kind = message.WhichOneof("type")
        if kind == "new_session":
            names = set()
            if over is None and not message.metadata.run.fragment_ids:
                client.rerun(fragment, polls=True)
        elif kind == "delta" and message.delta.new_element.WhichOneof("type") == "bidi_component":
            names.add(message.delta.new_element.bidi_component.id.split("-")[-1])
        elif kind == "script_finished" and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
            over = over or names - {"preload", "owner_cookie"}
        elif kind == "script_finished" and over is not None:
            return over


def test_what_is_asked_for_together_with_a_poll_is_answered_too(client: ThinClient) -> None:
    """It is a short run, which ends before Streamlit has read on: without a mend 24 of 60 stayed without an answer."""
    client.press("Pause")
    client.wait(lambda: "paused" in client.progress)
    poll = client.buttons["Resume"][1]
    short = next(fragment for fragment, seconds in client.intervals.items() if seconds == KEEP_ALIVE_SECONDS)
    for _ in range(20):
        send_together(client, client.request(short), client.request(poll, polls=True))
        assert answered(client, {short, poll}) == {short, poll}


def test_a_press_that_a_poll_carries_too_counts_once(client: ThinClient) -> None:
    client.press("Pause")
    client.wait(lambda: "paused" in client.progress)
    before = epoch(client)
    button, poll = client.buttons["Step 1"]
    for step in range(1, 6):
        send_together(client, client.request(poll, button=button, polls=True), client.request(poll, button=button))
        client.wait(lambda step=step: epoch(client) >= before + step and "paused" in client.progress)
    client.rerun()
    client.wait(lambda: True)
    assert epoch(client) == before + 5


def send_together(client: ThinClient, *requests: bytes) -> None:
    """In one piece, as they arrive from a browser that was busy."""
    with client.socket.protocol_mutex:
        for request in requests:
            client.socket.protocol.send_binary(request)
        client.socket.socket.sendall(b"".join(client.socket.protocol.data_to_send()))


def answered(client: ThinClient, fragments: set[str]) -> set[str]:
    """Which of these fragments ran, by the time that the poll, which was asked for last, has."""
    ran: set[str] = set()
    while True:
        message = ForwardMsg.FromString(client.socket.recv(timeout=60))
        if message.WhichOneof("type") == "new_session":
            running = set(message.metadata.run.fragment_ids)
            ran |= running & fragments
        elif message.WhichOneof("type") == "script_finished" and client.buttons["Resume"][1] in running:
            return ran


def epoch(client: ThinClient) -> int:
    return int(client.progress.split()[1].replace(",", ""))
