"""Two web servers behind the proxy files of deploy/: one of them stops and comes back, and no visitor notices.

Caddy before 2.11, which Debian 12 and 13 bring, is the exception that docs/scaling.md tells: a form that is the first
to find a server gone is not sent to the other one.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.deep.test_hosts import another_web
from tests.deep.test_slow_posts import Proxy, caddy, caddy_is_new, nginx, packages, say
from tests.program import Program, eventually, running_program

__all__ = ["packages"]
VISITORS, PAUSE_S = 4, 0.05
ENOUGH = 40  # requests in each state
REFUSED = 403  # a form without its token: the program answered
BAD_GATEWAY = 502
FORM = (
    "POST /accounts/login/ HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded",
    b"login=a%40b.test",
)
PAGE = ("GET /accounts/login/ HTTP/1.1", b"")
pytestmark = pytest.mark.deep
PROXIES: dict[str, Callable[..., AbstractContextManager[Proxy]]] = {"caddy": caddy, "nginx": nginx}


@pytest.fixture(scope="module")
def program(packages: None) -> Iterator[Program]:
    with running_program(parts=("web",), TRUSTED_PROXY_COUNT="1") as running:
        yield running


class Visitors:
    """People who ask one page after another, and send forms, until the end."""

    def __init__(self, proxy: Proxy) -> None:
        self.proxy, self.ended = proxy, threading.Event()
        self.statuses: Counter[tuple[int | str, bool]] = Counter()  # and whether it was a form
        self.threads = [threading.Thread(target=self._visit, args=(n,)) for n in range(VISITORS)]

    def _visit(self, number: int) -> None:
        head, body = FORM if number == 0 else PAGE
        while not self.ended.wait(PAUSE_S):
            status: int | str
            try:
                # No speed is judged here: on a busy machine an answer may take its time.
                status, _ = self.proxy.ask(head, body, timeout_s=180)
            except OSError as error:
                status = type(error).__name__
            self.statuses[status, bool(body)] += 1

    def wait_for_more(self) -> None:
        """Wait until they have asked so often again."""
        before = self.statuses.total()
        eventually(lambda: self.statuses.total() > before + ENOUGH, within_s=180, what="answers")


@pytest.mark.parametrize("name", sorted(PROXIES))
def test_a_web_server_that_stops_and_comes_back_is_not_noticed(
    name: str, program: Program, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    second = another_web(program)
    with PROXIES[name](program, tmp_path, second=second) as proxy:
        visitors = Visitors(proxy)
        for thread in visitors.threads:
            thread.start()
        try:
            visitors.wait_for_more()
            web = second.parts["web"].process
            web.terminate()
            web.wait(60)
            visitors.wait_for_more()
            second.start("web")
            eventually(second.answers, within_s=180, what="it is back")
            visitors.wait_for_more()
        finally:
            visitors.ended.set()
            for thread in visitors.threads:
                thread.join()
            second.parts["web"].process.terminate()
    say(capsys, f"{name}, a web server stops and comes back: {dict(visitors.statuses)}")
    lost = {(BAD_GATEWAY, True)} if name == "caddy" and not caddy_is_new() else set()
    assert set(visitors.statuses) <= {(200, False), (REFUSED, True)} | lost, visitors.statuses
