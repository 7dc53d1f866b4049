"""Two faults of Streamlit 1.67 by which clicks are lost or count twice while a fragment polls, mended from outside.

Both lie in how a session takes up what the browser asks for (``streamlit/runtime/app_session.py``), which has no
setting or hook for it, so two of its methods are replaced. When the pinned version of Streamlit is raised, take
``mend()`` away and run ``tests/browser/test_messages.py``: it fails as long as a mend is needed.
"""

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession, AppSessionState
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData

PRESSES = {"trigger_value", "string_trigger_value", "json_trigger_value", "chat_input_value"}

_create_scriptrunner = AppSession._create_scriptrunner
_request_rerun = AppSession.request_rerun


def mend() -> None:
    """Replaces the two methods; calling it again changes nothing."""
    AppSession._create_scriptrunner = run_after_the_last
    AppSession.request_rerun = request_rerun_without_presses_of_polls


def run_after_the_last(session: AppSession, request: RerunData) -> None:
    """Starts a run once all that the one before has drawn is on its way.

    A run draws on a thread of its own and hands over what it has drawn through the event loop. Streamlit takes nothing
    more from a thread once the next has begun, and begins it as soon as the last has ended, though much of what that
    drew may still wait: a click and a poll that arrive together then leave the click without an answer.
    """
    last = session._scriptrunner
    if session._state == AppSessionState.SHUTDOWN_REQUESTED or (last is not None and last.request_rerun(request)):
        return
    if last is None:  # its last message has been taken: that it has ended
        _create_scriptrunner(session, request)
    else:
        session._event_loop.call_soon(run_after_the_last, session, request)


def request_rerun_without_presses_of_polls(session: AppSession, request: ClientState | None) -> None:
    """Takes the presses of buttons out of what a poll asks for.

    The browser keeps a press until it sends it. A poll that falls due in between carries it too, and it counts twice.
    """
    if request is not None and request.is_auto_rerun:
        states = request.widget_states.widgets
        for place in reversed(range(len(states))):
            if states[place].WhichOneof("value") in PRESSES:
                del states[place]
    _request_rerun(session, request)
