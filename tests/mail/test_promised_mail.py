"""Every sentence that promises a message, with what keeps it. A new sentence without a job fails here."""

import re
from importlib import import_module
from pathlib import Path

import pytest

from thrive.schedule import SCHEDULE

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
WE = r"(?:shall |should )?we(?:[’']ll)? "
PROMISE = re.compile(rf"\b{WE}(?:write|send) (?:[^.:?{{<\n]*)", re.IGNORECASE)
CODE = "challenge.accounts.adapter.AccountAdapter"
LISTS = "challenge.write_to_lists"
CONFIRM = "challenge.enrollment.waiting_list.join_waiting_list"
# What follows "we", in small letters, and the task or the action that writes the message.
JOBS = {
    "write to this address": "challenge.deliver_mail",
    "send it a code, and you’re in": CODE,
    "send you a code": CODE,
    "send you a code, then hold a seat for you for": CODE,
    "send to it": CODE,
    "send a link to confirm the address": CONFIRM,
    "write once, on that day": LISTS,
    "write once, when there’s a way in": LISTS,
    "write once, when the next one opens": LISTS,
    "write once, when the public challenge begins": LISTS,
    "write to": LISTS,
}


def promises() -> dict[str, str]:
    """The promises of every template: the words after "we", and the first template that says them."""
    found: dict[str, str] = {}
    for path in sorted(TEMPLATES.rglob("*.*")):
        for match in PROMISE.finditer(path.read_text()):
            words = re.sub(f"^{WE}", "", " ".join(match[0].lower().split()))
            found.setdefault(words, path.relative_to(TEMPLATES).as_posix())
    return found


def test_every_promise_of_a_message_has_a_job_and_no_job_is_left_over() -> None:
    found = promises()
    assert {words: where for words, where in found.items() if words not in JOBS} == {}
    assert set(JOBS) - set(found) == set()


@pytest.mark.parametrize("job", sorted(set(JOBS.values())))
def test_each_job_exists_and_runs(job: str) -> None:
    if job.count(".") == 1:
        assert job in {entry["task"] for entry in SCHEDULE.values()}
        return
    module, _, name = job.rpartition(".")
    assert callable(getattr(import_module(module), name))


def test_a_new_promise_without_a_job_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "new.html").write_text("<p>Then we write to the moon.</p>")
    monkeypatch.setattr("tests.mail.test_promised_mail.TEMPLATES", tmp_path)
    with pytest.raises(AssertionError):
        test_every_promise_of_a_message_has_a_job_and_no_job_is_left_over()
