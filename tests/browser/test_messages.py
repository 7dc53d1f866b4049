"""Messages as Streamlit hands them to the modules of the page."""

import base64

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

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


def test_a_poll_that_waits_for_the_page_takes_nothing_of_it_back(server: Server) -> None:
    client = ThinClient(server.url)
    client.wait(lambda: True)
    client.press("Train")
    client.wait(lambda: " s left" in client.progress)
    fragment = client.buttons["Pause"][1]
    figures = [figures_of_a_page(client, fragment) for _ in range(4)]
    client.press("Stop")
    client.wait(lambda: True)
    client.socket.close()
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
