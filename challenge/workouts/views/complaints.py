"""What hurts: a runner's complaints in words, and the two questions they may ask about them.

"This has settled" and "something new" are both questions to a clinician.
"""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from challenge.care.complaint_models import NO_SIDE, SITES_WITHOUT_SIDE
from challenge.care.complaints import ask_about_complaint, asked_by_log, asked_by_runner, complaints_of
from challenge.protocol.reading_hours import READS
from challenge.protocol.vocabulary import GUARDED_JOINTS, ComplaintStatus
from challenge.workouts.access import RunnerRequest, runner_page
from challenge.workouts.fields import NoteField, PainField, side_field, site_field


class QuestionForm(forms.Form):
    """The base of both: a key makes a form that is sent twice one question."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    note = NoteField(label="Anything to add?")

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("label_suffix", "")
        options["initial"] = {"key": uuid.uuid4(), **(options.get("initial") or {})}
        super().__init__(*args, **options)

    def question_key(self) -> str:
        """Return the form's key, or a new one for a form that came without."""
        return str(self.cleaned_data.get("key") or uuid.uuid4())


class SettledForm(QuestionForm):
    """One of the runner's complaints has settled."""

    complaint = forms.IntegerField(widget=forms.HiddenInput)


class SomethingNewForm(QuestionForm):
    """A place that began to hurt: where, which side, and how much now."""

    site = site_field()
    side = side_field()
    pain = PainField(label="Pain there now")

    field_order = ("key", "site", "side", "pain", "note")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["site"].required = True
        self.fields["site"].error_messages["required"] = "Where does it hurt?"

    def clean(self) -> dict[str, Any]:
        """Refuse a side for a place that has none."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("side") and cleaned.get("site") in SITES_WITHOUT_SIDE:
            self.add_error("side", NO_SIDE)
        return cleaned


ASKED = f"Thank you, we’ve asked a clinician. {READS}"
GONE = "That isn’t on your list anymore. Here’s how it looks now."


@require_http_methods(["GET", "HEAD", "POST"])
@runner_page
def complaints(request: RunnerRequest) -> HttpResponse:
    """Show what the clinic looks after, or pass a question about it on to a clinician."""
    if request.method == "POST" and "complaint" in request.POST:
        return _ask_settled(request)
    form = SomethingNewForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        facts = {
            "says": "new",
            **{name: form.cleaned_data[name] for name in ("site", "side", "pain", "note")},
        }
        return _ask(request, form.question_key(), facts)
    return _page(request, form, status=422 if form.is_bound else 200)


def _ask_settled(request: RunnerRequest) -> HttpResponse:
    """Ask whether a complaint has settled; the form of a complaint that is past by now leads back to the page."""
    form = SettledForm(request.POST)
    if not form.is_valid() and "complaint" in form.errors:
        messages.info(request, GONE)
        return redirect("complaints")
    if not form.is_valid():
        return _page(request, SomethingNewForm(), settled=form, status=422)
    row = _open_ones(request).filter(pk=form.cleaned_data["complaint"]).first()
    if row is None:
        messages.info(request, GONE)
        return redirect("complaints")
    facts = {"says": "settled", "complaint": row.pk, "site": row.site, "side": row.side}
    return _ask(request, form.question_key(), facts | {"note": form.cleaned_data["note"]})


def _ask(request: RunnerRequest, key: str, facts: dict[str, Any]) -> HttpResponse:
    ask_about_complaint(enrollment=request.enrollment, key=key, facts=facts, at=request.at)
    messages.success(request, ASKED)
    return redirect("complaints")


def _open_ones(request: RunnerRequest) -> Any:
    return complaints_of(request.enrollment).exclude(status=ComplaintStatus.PAST)


def _page(
    request: RunnerRequest, new: SomethingNewForm, *, settled: SettledForm | None = None, status: int = 200
) -> HttpResponse:
    asked = list(asked_by_runner(request.enrollment))
    waiting = {flag.facts.get("complaint") for flag in asked if flag.facts.get("says") == "settled"}
    refused = settled.cleaned_data.get("complaint") if settled is not None else None
    rows = [
        (row, row.pk in waiting, settled if row.pk == refused else _blank(row.pk))
        for row in complaints_of(request.enrollment)
    ]
    context = {
        "rows": rows,
        "errors": new.errors or settled is not None,
        "guarded": GUARDED_JOINTS,
        "new": new,
        "asked_by_log": [flag.facts for flag in asked_by_log(request.enrollment)],
        "asked_new": [flag.facts for flag in asked if flag.facts.get("says") == "new"],
    }
    return render(request, "workouts/complaints.html", context, status=status)


def _blank(complaint: int) -> SettledForm:
    return SettledForm(initial={"complaint": complaint}, auto_id=f"settled-{complaint}-%s")
