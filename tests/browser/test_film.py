"""The training as a film: played and scrubbed in the panels and on the loss curve."""

import re

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from realnvp.engine.worker import film_epochs

from .app import DEFAULT_EPOCHS, SOON, App

pytestmark = pytest.mark.browser


def slider(app: App) -> Locator:
    return app.page.get_by_role("slider", name="Epoch of the film")


def caption(app: App) -> Locator:
    return app.page.locator(".lf-film-caption")


def points(app: App, name: str) -> np.ndarray:
    trace = app.trace(name)
    return np.stack([trace["x"], trace["y"]], -1)


def test_scrubbing_shows_every_panel_and_the_loss_at_that_epoch(app: App) -> None:
    latent = points(app, "latent")
    for frame, epoch in ((0, 0), (20, sorted(film_epochs(DEFAULT_EPOCHS))[20])):
        slider(app).fill(str(frame))
        app.wait_for_epoch(epoch)
        expect(app.loss).to_have_attribute("data-epoch", str(epoch))
        expect(caption(app)).to_contain_text(f"epoch {epoch:,}")
        line = app.plot("loss").evaluate("plot => plot.layout.shapes.at(-1)")
        assert line["x0"] == line["x1"] == epoch
        shown = points(app, "latent")
        assert len(shown) == 500
        if epoch == 0:  # a new flow is the identity
            assert np.allclose(shown, points(app, "input")[:500], atol=1e-3)
        else:
            assert np.abs(shown - latent[:500]).max() > 0.3
            assert re.search(r"loss -?\d\.\d{3} nats", caption(app).inner_text())
    slider(app).press("End")
    app.wait_for_epoch(DEFAULT_EPOCHS)
    assert np.array_equal(points(app, "latent"), latent)


def test_it_plays_from_the_first_epoch_to_the_last_and_the_plots_stay(app: App) -> None:
    app.watch()
    app.page.evaluate(
        """() => {
          window.epochs = [];
          const panels = document.querySelector(".st-key-live_panels .live-figure");
          new MutationObserver(() => epochs.push(Number(panels.dataset.epoch))).observe(panels, { attributes: true });
        }"""
    )
    app.page.get_by_role("button", name="Training film").click()
    app.page.wait_for_function("() => window.epochs.includes(0)", timeout=SOON)
    app.page.wait_for_function(f"() => window.epochs.at(-1) === {DEFAULT_EPOCHS}", timeout=SOON)
    seen = app.page.evaluate("epochs")
    assert seen == sorted(seen)
    assert len(set(seen)) > 5
    assert app.watched()["faults"] == []


def test_the_film_of_a_run_waits_for_its_end(app: App) -> None:
    app.start_endless_run()
    button = app.page.get_by_role("button", name="Training film")
    expect(button).to_be_disabled()
    app.action("Stop").click()
    app.wait_for_end()
    expect(button).to_be_enabled()
    slider(app).fill("0")
    app.wait_for_epoch(0)
    app.train()  # a new run is seen, not the film of the one before
    app.wait_until_live()
