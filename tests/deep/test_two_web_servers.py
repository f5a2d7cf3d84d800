"""Two web servers behind the proxy files of deploy/: one of them stops and comes back, and no visitor notices."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.deep.test_hosts import another_web
from tests.deep.test_slow_posts import Proxy, caddy, nginx, packages
from tests.program import Program, eventually, running_program

__all__ = ["packages"]
VISITORS, PAUSE_S = 4, 0.05
ENOUGH = 40  # requests in each state
REFUSED = 403  # a form without its token: the program answered
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
        self.statuses: Counter[int] = Counter()
        self.threads = [threading.Thread(target=self._visit, args=(n,)) for n in range(VISITORS)]

    def _visit(self, number: int) -> None:
        while not self.ended.wait(PAUSE_S):
            method = "POST" if number == 0 else "GET"
            try:
                # No speed is judged here: on a busy machine an answer may take its time.
                status, _ = self.proxy.ask(f"{method} /accounts/login/ HTTP/1.1", timeout_s=60)
            except OSError:
                status = 0
            self.statuses[status] += 1

    def wait_for_more(self) -> None:
        """Wait until they have asked so often again."""
        before = self.statuses.total()
        eventually(lambda: self.statuses.total() > before + ENOUGH, within_s=180, what="answers")


@pytest.mark.parametrize("name", sorted(PROXIES))
def test_a_web_server_that_stops_and_comes_back_is_not_noticed(
    name: str, program: Program, tmp_path: Path
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
    assert set(visitors.statuses) <= {200, REFUSED}, visitors.statuses
