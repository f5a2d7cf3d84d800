"""Text that shows nothing is empty, in every field that people write in."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django import forms

import challenge
from challenge.accounts.fields import FreeTextField, shows_nothing
from challenge.enrollment.forms import ReasonForm
from challenge.feedback.forms import WeekFeedbackForm
from challenge.messages.forms import ClinicianMessageForm, NoteOfWeekForm, RunnerMessageForm
from challenge.workouts.forms import RunForm

BLANK = [
    "",
    "  \n\t",
    "\u200b\u200b",
    "\u200d \ufeff",
    "\x01\x1f",
    "\u2060\u00ad",
    "\ufe0f",
    "\u3164",
    "\u2800",
]
SPOKEN = ["a", "7", "?", "🏃‍♀️", "\u200bאבג", "\u200e5", "é", "✓"]
# What programs fill in, or what becomes a number; a draft is kept letter by letter, and a file's text as it is.
NOT_WRITTEN = {
    "challenge/notifications/forms.py": 3,
    "challenge/workouts/fields.py": 1,
    "challenge/messages/forms.py": 1,
    "challenge/outcomes/forms.py": 1,
}


@pytest.mark.parametrize("text", BLANK)
def test_spaces_zero_width_and_control_characters_show_nothing(text: str) -> None:
    assert shows_nothing(text)
    assert FreeTextField(required=False).clean(text) == ""
    with pytest.raises(forms.ValidationError, match="required"):
        FreeTextField().clean(text)


@pytest.mark.parametrize("text", SPOKEN)
def test_any_sign_is_text_and_stays_as_it_was_typed(text: str) -> None:
    assert not shows_nothing(text)
    assert FreeTextField().clean(text) == text


@pytest.mark.parametrize("form", [RunnerMessageForm, ClinicianMessageForm, NoteOfWeekForm])
def test_a_message_or_a_note_of_nothing_is_refused(form: type[forms.Form]) -> None:
    assert "text" in form({"text": "\u200b\u200d"}).errors
    assert "text" not in form({"text": "Calm."}).errors


def test_a_reason_of_nothing_is_no_reason_and_a_remark_of_nothing_is_none() -> None:
    assert "reason" in ReasonForm({"reason": "\u200b"}).errors
    feedback = WeekFeedbackForm({"ease": "3", "text": "\u200b"})
    assert feedback.is_valid()
    assert feedback.values()["text"] == ""
    assert RunForm.base_fields["note"].clean("\u200b") == ""


def plain_fields() -> Iterator[str]:
    """Yield the file of each text field that people see and that is no FreeTextField."""
    root = Path(challenge.__file__).parent
    for file in root.rglob("*.py"):
        if "migrations" in file.parts:
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            written = ast.unparse(node) if isinstance(node, ast.Call) else ""
            if written.startswith("forms.CharField(") and "HiddenInput" not in written:
                yield str(file.relative_to(root.parent))


def test_every_field_that_people_write_in_knows_this_rule() -> None:
    found = [*plain_fields()]
    assert {file: found.count(file) for file in found} == NOT_WRITTEN, "use FreeTextField"
