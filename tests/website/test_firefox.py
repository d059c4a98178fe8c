"""The site in Firefox, where it is installed: through WebDriver BiDi, which it speaks itself."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import time

import numpy as np
import pytest

from .test_drawing_page import STROKES
from .test_ladder import assert_as_python, drawn_on

FIREFOX = os.environ.get("FIREFOX") or shutil.which("firefox") or shutil.which("firefox-esr")


class Firefox:
    """One page of a Firefox without a window.

    Attributes:
        complaints: what its console called an error.
    """

    def __init__(self, profile):
        websocket = pytest.importorskip("websocket", reason="Firefox's tests need `pip install websocket-client`")
        options = ("--headless", "--no-remote", "--remote-debugging-port=0", "--profile", str(profile))
        self._running = subprocess.Popen(
            [FIREFOX, *options], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        addresses = (re.search(r"BiDi listening on (ws://\S+)", line) for line in self._running.stderr)
        address = next(filter(None, addresses), None)
        if address is None:
            pytest.skip("this Firefox does not start here, or speaks no WebDriver BiDi")
        self._socket = websocket.create_connection(f"{address[1]}/session", timeout=120, suppress_origin=True)
        self._asked, self.complaints = 0, []
        self._ask("session.new", capabilities={})
        self._ask("session.subscribe", events=["log.entryAdded"])
        self._context = self._ask("browsingContext.getTree")["contexts"][0]["context"]

    def _ask(self, method: str, **parameters) -> dict:
        self._asked += 1
        self._socket.send(json.dumps({"id": self._asked, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self._socket.recv())
            if answer.get("method") == "log.entryAdded" and answer["params"]["level"] == "error":
                self.complaints.append(answer["params"]["text"])
            if answer.get("id") == self._asked:
                assert answer["type"] == "success", answer
                return answer["result"]

    def open(self, path) -> None:
        self._ask("browsingContext.navigate", context=self._context, url=path.as_uri(), wait="complete")

    def evaluate(self, function: str):
        """What a function without arguments returns, as JSON has it."""
        expression = f"Promise.resolve(({function})()).then((value) => JSON.stringify(value ?? null))"
        target = {"context": self._context}
        answer = self._ask("script.evaluate", expression=expression, target=target, awaitPromise=True)
        assert answer["type"] == "success", answer
        return json.loads(answer["result"]["value"])

    def wait_for(self, condition: str) -> None:
        ends = time.monotonic() + 60
        while not self.evaluate(f"() => Boolean({condition})"):
            assert time.monotonic() < ends, f"waited a minute for {condition}"
            time.sleep(0.1)

    def draw(self, digit: int, size: float, left: float, top: float) -> None:
        """With the mouse, from the pad's corner in pixels of the page."""
        corner = self.evaluate("() => { const { x, y } = pad.getBoundingClientRect(); return [x, y]; }")
        moves = []
        for stroke in STROKES[digit]:
            places = np.array(stroke) * size / 100 + corner + np.array((left, top))
            points = [{"type": "pointerMove", "x": round(x), "y": round(y), "duration": 5} for x, y in places]
            moves += [points[0], {"type": "pointerDown", "button": 0}, *points[1:], {"type": "pointerUp", "button": 0}]
        mouse = {"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": moves}
        self._ask("input.performActions", context=self._context, actions=[mouse])

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.close()
        self._running.terminate()
        self._running.wait(timeout=30)


@pytest.fixture(scope="module")
def firefox(tmp_path_factory):
    if FIREFOX is None:
        pytest.skip("Firefox is not on this machine")
    opened = Firefox(tmp_path_factory.mktemp("profile"))
    yield opened
    opened.close()


def test_a_drawing_climbs_the_ladder_as_in_python(firefox, site):
    firefox.open(site / "index.html")
    firefox.wait_for("document.body.dataset.ready")
    firefox.evaluate("() => document.querySelector('#clear').click()")
    firefox.draw(4, size=80, left=30, top=60)
    firefox.wait_for("shown && !waiting && document.querySelectorAll('.said .agrees, .said .differs').length === 15")
    assert_as_python(firefox, drawn_on(firefox))
    assert not firefox.complaints


def test_strokes_are_read_on_the_drawing_page(firefox, site):
    firefox.open(site / "draw.html")
    firefox.wait_for("document.body.dataset.ready")
    for digit in (2, 7):
        firefox.evaluate("() => document.querySelector('#clear').click()")
        firefox.draw(digit, size=180, left=40, top=40)
        firefox.wait_for(f"!reading && !changed && document.querySelector('#answer').textContent === '{digit}'")
    firefox.wait_for("document.querySelector('#inside').dataset.shown === '7'")
    assert not firefox.complaints
