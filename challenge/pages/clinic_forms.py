"""The owner's form of the clinic's words, and of a picture."""

from typing import Any

from django import forms

from challenge.accounts.fields import FreeTextField, NotAPhone, read_phone, show_phone
from challenge.clinic.pictures import PictureRefused, redrawn
from challenge.clinic.queries import WORDS, paragraphs, question_pairs

MOST_QUESTIONS, LONGEST_QUESTION, LONGEST_ANSWER = 20, 160, 1000
SHORTEST_CONSENT = 200


def _line(
    label: str, most: int, help_text: str = "", *, required: bool = False, rows: int = 0
) -> forms.CharField:
    return FreeTextField(
        label=label,
        max_length=most,
        required=required,
        help_text=help_text,
        widget=forms.Textarea({"rows": rows}) if rows else forms.TextInput(),
        error_messages={
            "required": "Enter the name as runners know it.",
            "max_length": f"Enter {most:,} characters or fewer.",
        },
    )


class ClinicForm(forms.Form):
    """Everything the program states about the clinic. An empty field has the program's own words."""

    name = _line("The clinic’s name", 80, "On every page and in every email.", required=True)
    tagline = _line(
        "What it is, in a few words", 120, "In the footer, after the name: “a clinic for runners”."
    )
    phone = _line("Phone", 40, "Leave it empty to use the number from the settings.")
    address = _line("Address", 200)
    hours = _line("Hours", 200, "“Monday to Friday, 8 to 5”.")
    headline = _line("Home page: the headline", 80)
    lede = _line("Home page: the sentence under it", 400, rows=3)
    price_note = _line("What it costs", 200, "“Free while it is a beta.”")
    questions = _line(
        "Questions and answers",
        8000,
        "One line for the question, the answer under it, an empty line before the next. Leave it empty to use the "
        "program’s own.",
        rows=12,
    )
    consent = _line(
        "What runners agree to",
        8000,
        "An empty line between paragraphs. A change is a new version for everyone who joins later. "
        "Leave it empty to use the program’s own.",
        rows=12,
    )
    footer = _line("A sentence for the footer", 300)
    reason = _line("Why this change", 200, "For the history.")
    based_on = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def clean_phone(self) -> str:
        """Return the number in the one form in which the program shows numbers."""
        try:
            return show_phone(read_phone(self.cleaned_data["phone"]))
        except NotAPhone as error:
            raise forms.ValidationError(str(error)) from error

    def clean_questions(self) -> str:
        """Refuse a question without an answer, and more than a reader would read."""
        text = str(self.cleaned_data["questions"])
        pairs = question_pairs(text)
        if len(pairs) > MOST_QUESTIONS:
            raise forms.ValidationError(
                f"Enter {MOST_QUESTIONS} questions or fewer: now there are {len(pairs)}."
            )
        for question, answer in pairs:
            if not answer:
                raise forms.ValidationError(
                    f"“{question[:60]}” has no answer. Write it on the line under it."
                )
            if len(question) > LONGEST_QUESTION or len(answer) > LONGEST_ANSWER:
                raise forms.ValidationError(f"“{question[:60]}” is too long. Is an empty line missing?")
        return text

    def clean_consent(self) -> str:
        """Refuse a text that is too short to be what a runner agrees to."""
        text = str(self.cleaned_data["consent"])
        if text and sum(map(len, paragraphs(text))) < SHORTEST_CONSENT:
            raise forms.ValidationError(
                "That is too short to agree to. Enter the whole text, or leave it empty."
            )
        return text

    def words(self) -> dict[str, str]:
        """Return the valid words, with lines that end as everywhere else."""
        return {name: self.cleaned_data[name].replace("\r\n", "\n") for name in WORDS}


class PictureForm(forms.Form):
    """A picture of one person; `cleaned_data["picture"]` is the JPEG as it is stored."""

    picture = forms.FileField(
        label="Picture",
        help_text="JPEG, PNG or WebP, up to 2 MB. We keep a small copy without the place and date stored in it.",
        error_messages={"required": "Choose a picture first.", "empty": "This file is empty."},
        widget=forms.FileInput({"accept": "image/jpeg,image/png,image/webp"}),
    )

    def clean_picture(self) -> Any:
        """Return the picture drawn again."""
        try:
            return redrawn(self.cleaned_data["picture"].read())
        except PictureRefused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
