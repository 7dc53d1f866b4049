"""A class in several browsers: what one publishes is soon on the others' walls, and hostile words do nothing."""

import re
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import create_engine, text

from realnvp.store.store import Store

from .app import SOON, App, Server

pytestmark = pytest.mark.browser

SMALL = "/?dataset=circles&layers=2&width=8&epochs=100&seed=7"
SECONDS = 2.0  # until a wall shows what another browser has published
HACK = "window.hacked = 1"
# Straight into the database, past all cleaning: what is escaped at the end does nothing whatever comes before.
HOSTILE = [
    f"<img src=x onerror='{HACK}'>",
    f"</b></article></div><script>{HACK}</script>",
    f"<svg onload='{HACK}'></svg><iframe srcdoc='<script>{HACK}</script>'>",
    f"[click](javascript:{HACK}) <a href='javascript:{HACK}'>x</a>",
    "**bold** $x^2$ :material/home: :red[x] `code`",
    "\u202eright to left\u2066 \u200bzero\u200d width\ufeff",
    "\U0001f600" * 24,
    "Z\u0351\u0351\u0351\u0351\u0351a\u0328\u0328\u0328\u0328lgo",
    "'; DROP TABLE entries; --",
    "x" * 10_000,
]


def joined(page: Page, name: str) -> None:
    page.get_by_role("textbox", name="Your nickname").fill(name)
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("button", name=re.compile(name))).to_be_visible(timeout=SOON)


def seconds_until(page: Page, cards: int) -> float:
    """How long it takes from now until a wall has so many cards."""
    start = time.monotonic()
    page.wait_for_function(
        "n => document.querySelectorAll('.wall-card').length === n", arg=cards, polling=20, timeout=SOON
    )
    return time.monotonic() - start


def unharmed(app: App) -> None:
    """No script has run, nothing on the page is what a stranger's words would have made, and no error is shown."""
    assert app.page.evaluate("window.hacked") is None
    planted = "#root [onerror], #root [onload], #root iframe[srcdoc], #root a[href^='javascript'], #root img[src='x']"
    assert app.page.locator(planted).count() == 0
    assert app.problem_free()


def publish_hostile(server: Server, code: str) -> None:
    """One run for each hostile nickname, by the app's own store, and the nicknames as they are."""
    url = f"sqlite:///{server.home / 'runs.db'}"
    store = Store(url)
    run = store.load(store.boards.board(code).entries[0].run)
    owners = {f"hostile-{k}-with-a-long-token": name for k, name in enumerate(HOSTILE)}
    for k, owner in enumerate(owners):
        store.save(replace(run, token=f"hostile-{k}", owner=owner))
        store.boards.join(code, owner, f"Hostile {k}")
        store.boards.publish(code, owner, f"hostile-{k}")
    engine = create_engine(url)
    with engine.begin() as connection:
        for owner, name in owners.items():
            connection.execute(text("UPDATE members SET nickname = :n WHERE owner = :o"), {"n": name, "o": owner})
        connection.execute(text("UPDATE boards SET revision = revision + 1 WHERE code = :code"), {"code": code})
    engine.dispose()
    store.close()


def test_what_one_publishes_is_on_the_others_wall_within_two_seconds_and_hostile_words_do_nothing(
    new_tab: Callable[..., App], server: Server
) -> None:
    teacher, student = new_tab(server), new_tab(server, viewport={"width": 390, "height": 844})
    for tab in (teacher, student):
        tab.page.on("dialog", lambda dialog, tab=tab: (tab.faults.append(dialog.message), dialog.dismiss()))
    teacher.go("/class_board")
    teacher.page.get_by_text("Open a class").click()
    teacher.page.get_by_role("textbox", name="Title").fill(HOSTILE[0])
    teacher.page.get_by_role("textbox", name="Task").fill(HOSTILE[3])
    teacher.page.get_by_role("button", name="Open the class").click()
    teacher.page.get_by_role("button", name="Invite").click()
    link = teacher.page.get_by_role("textbox", name="Link")
    expect(link).to_have_value(re.compile(r"/class_board\?class=[A-Z2-9]{6}$"), timeout=SOON)
    code = link.input_value()[-6:]
    teacher.page.get_by_role("button", name="Close", exact=True).last.click()

    student.go(SMALL)
    student.wait_for_epoch(100)
    student.train_button.click()
    student.wait_for_progress("done in")
    student.go(f"/class_board?class={code}")
    joined(student.page, "Ada")
    measured = []
    for press, cards in (("Publish", 1), ("Take back", 0), ("Publish", 1)):
        student.page.get_by_role("button", name=press, exact=True).click(timeout=SOON)
        measured.append(seconds_until(teacher.page, cards))
        assert seconds_until(student.page, cards) < 10
    print("seconds until the other wall has changed:", [round(seconds, 2) for seconds in measured])
    assert statistics.median(measured) < SECONDS
    assert student.page.evaluate("document.documentElement.scrollWidth") <= 390

    publish_hostile(server, code)
    for tab in (teacher, student):
        assert seconds_until(tab.page, 1 + len(HOSTILE)) < 10
        shown = tab.page.locator(".wall-name").all_text_contents()
        assert sorted(shown) == sorted(["Ada", *HOSTILE])
        unharmed(tab)
    heights = teacher.page.locator(".wall-name").evaluate_all("names => names.map((name) => name.offsetHeight)")
    assert max(heights) < 60
    assert student.page.evaluate("document.documentElement.scrollWidth") <= 390
    student.page.locator(".st-key-wall").get_by_role("button", name="Open").first.click()
    student.wait_for_epoch(100)
    unharmed(student)

    for query in hostile_links(code):
        teacher.go(query)
        place = teacher.panels if query.startswith("/?") else teacher.page.get_by_text(re.compile("nothing else"))
        expect(place).to_be_visible(timeout=SOON)
        unharmed(teacher)
        assert query.startswith("/?") or not re.search("[?&]key=", teacher.page.url)


def hostile_links(code: str) -> list[str]:
    script = f"<script>{HACK}</script>"
    queries = [
        {
            "class": f"' OR 1=1 --\x00\r\nSet-Cookie: realnvp_owner=x{script}",
            "key": script,
            "run": f"javascript:{HACK}",
        },
        {"class": "B" * 5_000, "compare": script, "sweep": f"layers:{script}"},
        {"class": code, "key": "../../etc/passwd", "run": script, "teachers_key": "x", "inviting": "1"},
    ]
    root = {"class": code, "key": "x" * 500, "run": script, "task": script, "layers": script, "preset": script}
    return [*[f"/class_board?{urlencode(query)}" for query in queries], f"/?{urlencode(root)}"]
