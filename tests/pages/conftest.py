"""The app in Streamlit's AppTest, on a real engine that ends with each module."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from realnvp.point_store import home
from realnvp.ui.runs import changed_in_store, engine, shared_token, store, trained_for_all

APP = str(Path(__file__).parents[2] / "app.py")


@pytest.fixture(scope="module", autouse=True)
def close_engine() -> Iterator[None]:
    yield
    trained_for_all.clear()
    changed_in_store()
    engine().close()
    store().close()
    for cached in (engine, store):
        cached.clear()
    for file in home().glob("runs.db*"):  # the next module's engine would go on with its runs
        file.unlink()


@pytest.fixture(scope="module")
def default_run(close_engine: None) -> None:
    """The run that pages show, trained to its end, so that its numbers stand still."""
    end = time.monotonic() + 120
    while not engine().view(shared_token()).status.over:
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.fixture
def opened() -> Callable[[dict[str, str]], AppTest]:
    """A function that opens the app by a link with this query, as a browser that has not been here."""

    def open_app(query: dict[str, str]) -> AppTest:
        app = AppTest.from_file(APP, default_timeout=60)
        for name, value in query.items():
            app.query_params[name] = value
        return app.run()

    return open_app


@pytest.fixture
def app() -> AppTest:
    """As it opens."""
    return AppTest.from_file(APP, default_timeout=60).run()
