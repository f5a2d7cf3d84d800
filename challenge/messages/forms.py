"""The forms of the conversation: a runner's message, the question after a stop word, a clinician's answer.

A picture is read in a process of its own, as an activity file is: `picture_child` is that process, and its standard
input is one line of JSON (the limits) and the file.
"""

import json
import subprocess
import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from challenge.accounts.fields import FreeTextField
from challenge.clinic.pictures import MOVES, NOT_A_PICTURE, TOO_MANY_PIXELS, PictureRefused
from challenge.messages.models import MOST_PICTURES
from challenge.messages.picture_child import MOST_BYTES, RedrawnPicture
from challenge.protocol.vocabulary import STOP_SYMPTOMS, Symptom
from challenge.workouts.activity_files.sandbox import run_worker
from challenge.workouts.import_forms import ManyFiles

CHILD = "challenge.messages.picture_child"
CPU_S, WALL_S, MEMORY = 15, 20.0, 768 * 1024 * 1024
TOO_SLOW = "Reading this picture took too long. Send a smaller one."
LARGE = f"This picture is larger than {MOST_BYTES // 1_000_000} MB. Send a smaller one."
REFUSALS = {NOT_A_PICTURE, TOO_MANY_PIXELS, MOVES, LARGE}


def read_picture(content: bytes) -> RedrawnPicture:
    """Return the picture drawn again, without its metadata. Raises PictureRefused, whatever the file holds."""
    if not content:
        raise PictureRefused(NOT_A_PICTURE)
    if len(content) > MOST_BYTES:
        raise PictureRefused(LARGE)
    limits = json.dumps({"cpu_s": CPU_S, "memory": MEMORY}).encode()
    try:
        answer = run_worker([limits + b"\n", content], WALL_S, CHILD)
        head, _, jpeg = answer.partition(b"\n")
        result = json.loads(head)
        if refusal := result.get("refusal"):
            raise PictureRefused(refusal if refusal in REFUSALS else NOT_A_PICTURE)
        return RedrawnPicture(jpeg, int(result["width_px"]), int(result["height_px"]))
    except subprocess.TimeoutExpired as error:
        raise PictureRefused(TOO_SLOW) from error
    except PictureRefused:
        raise
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise PictureRefused(NOT_A_PICTURE) from error


LONGEST = 5000
AGAIN = "Choose your pictures again, then send."
NOTHING_WRITTEN = "Write a line, or add a picture."
TOO_LONG = f"Please shorten it to {LONGEST:,} characters."
STOP_CHOICES = [choice for choice in Symptom.choices() if Symptom(choice[0]) in STOP_SYMPTOMS]


class PicturesField(forms.FileField):
    """Up to MOST_PICTURES pictures, each drawn again in a process of its own."""

    def clean(self, data: Any, initial: Any = None) -> list[RedrawnPicture]:
        given = [one for one in (data if isinstance(data, list | tuple) else [data]) if one]
        if len(given) > MOST_PICTURES:
            raise ValidationError(f"Send at most {MOST_PICTURES} pictures with a message. {AGAIN}")
        drawn, refusals = [], []
        for one in given:
            try:
                # Judge the size before it is read into memory.
                drawn.append(read_picture(one.read(MOST_BYTES + 1)))
            except PictureRefused as refusal:
                refusals.append(f"“{(one.name or '')[:80]}”: {refusal} {AGAIN}")
        if refusals:
            raise ValidationError(refusals)
        return drawn


class RunnerMessageForm(forms.Form):
    """A runner's message: words, pictures or both."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    text = FreeTextField(
        label="Your message",
        error_messages={"required": NOTHING_WRITTEN},
        widget=forms.Textarea({"rows": 4, "aria-required": "true"}),
    )
    pictures = PicturesField(
        label="Pictures",
        required=False,
        help_text="Up to three, of a foot or a shoe for example. A swollen, warm or red calf can’t wait for an answer: "
        "get it checked today. We remove the location and the camera details.",
        widget=ManyFiles({"accept": "image/jpeg,image/png,image/webp", "multiple": True}),
    )

    def __init__(self, *args: Any, draft: str = "", **options: Any) -> None:
        options |= {"initial": {"key": uuid.uuid4(), "text": draft}, "auto_id": "message_%s"}
        options.setdefault("label_suffix", "")
        super().__init__(*args, **options)
        self.use_required_attribute = False
        self.fields["text"].required = not self.files.get("pictures")

    def clean_text(self) -> str:
        """Refuse text that is too long, without cutting it."""
        text: str = self.cleaned_data["text"]
        if len(text) > LONGEST:
            raise ValidationError(TOO_LONG, code="too_long")
        return text

    def clean(self) -> dict[str, Any]:
        """Refuse a message with nothing in it."""
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not cleaned.get("text") and not cleaned.get("pictures"):
            self.add_error("text", NOTHING_WRITTEN)
        return cleaned

    def form_key(self) -> uuid.UUID:
        """Return the form's key, or a new one for a form that came without."""
        return self.cleaned_data["key"] or uuid.uuid4()


class DraftForm(forms.Form):
    """What the page's script sends while a runner types. Nothing of it is refused: it is no message yet."""

    key = forms.UUIDField(required=False)
    text = forms.CharField(required=False, max_length=4 * LONGEST, strip=False)


class StopCheckForm(forms.Form):
    """Whether one of the stop symptoms is the case."""

    symptoms = forms.MultipleChoiceField(
        label="Are any of these true?",
        choices=STOP_CHOICES,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Check what’s true, or press “None of these”.",
            "invalid_choice": "Check one of these.",
        },
    )


class NoteOfWeekForm(forms.Form):
    """The clinic's note of a week to all runners of a cohort."""

    text = FreeTextField(
        label="To everyone, this week",
        max_length=1000,
        widget=forms.Textarea({"rows": 4}),
        label_suffix="",
        error_messages={"required": "Write your note first."},
    )


class ClinicianMessageForm(forms.Form):
    """A clinician's answer; with a `title` its words become a template of theirs."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    text = FreeTextField(
        label="Answer",
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 5}),
        error_messages={"required": "Write your answer first."},
    )
    title = FreeTextField(label="Save this answer as a template named", max_length=60, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("label_suffix", "")
        super().__init__(*args, **options)
