"""The app in Streamlit's AppTest, on a real engine that ends with each module."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from realnvp.ui.runs import engine, shared_token

APP = str(Path(__file__).parents[2] / "app.py")


@pytest.fixture(scope="module", autouse=True)
def close_engine() -> Iterator[None]:
    yield
    engine().close()
    engine.clear()
    shared_token.clear()


@pytest.fixture(scope="module")
def default_run(close_engine: None) -> None:
    """The run that pages show, trained to its end, so that its numbers stand still."""
    end = time.monotonic() + 120
    while not engine().view(shared_token()).status.over:
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.fixture
def app() -> AppTest:
    """As it opens."""
    return AppTest.from_file(APP, default_timeout=60).run()
