"""`/questions/`: what waits for an answer, and one questionnaire."""

import uuid
from collections.abc import Mapping
from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from challenge.enrollment.models import Cohort
from challenge.outcomes import actions
from challenge.outcomes.actions import DAILY_LIFE_ITEM, Replaced
from challenge.outcomes.definition import Occasion, Questionnaire, occasions_of
from challenge.outcomes.forms import (
    ANSWER,
    FITS,
    NAME,
    REPLACED,
    AnswerForm,
    carry_over,
    typed_fields,
)
from challenge.outcomes.models import AnswerDraft, QuestionnaireAnswer
from challenge.outcomes.queries import (
    WEEKLY,
    Definitions,
    counted_answer,
    definitions,
    draft_of,
    due_occasions,
    first_answers,
    in_force,
    names_of,
    open_occasions,
)
from challenge.protocol.local_week import WEEK
from challenge.workouts.access import RunnerRequest, runner_page
from challenge.workouts.queries import daily_life

UNPROCESSABLE = 422
SAVED = "Saved. Thank you."
NO_MORE = "We don’t ask these questions anymore, so your answers weren’t saved. Thank you anyway."
NOT_OPEN = "Those questions aren’t open now. Here is what is."
TOO_EARLY = "These questions open on {day:%B} {day.day}. Your answers weren’t saved."
TOO_LATE = "These questions were open until {day:%B} {day.day}. Your answers came later and weren’t saved."


@require_safe
@runner_page
def questions(request: RunnerRequest) -> HttpResponse:
    """List what waits for an answer, and what can still be corrected."""
    due = due_occasions(request.enrollment, on=request.today)
    opened = open_occasions(request.enrollment.cohort, in_force(definitions()), on=request.today)
    begun = AnswerDraft.objects.filter(enrollment=request.enrollment).values_list("code", "week")
    context = {
        "due": due,
        "answered": [one for one in opened if one not in due],
        "begun": {f"{code}/{week}" for code, week in begun},
        "has_answers": first_answers([request.enrollment.pk]).exists(),
    }
    return render(request, "outcomes/questions.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@runner_page
def questionnaire(request: RunnerRequest, code: str, week: int) -> HttpResponse:
    """Ask one questionnaire, or correct the answer to it while it is open.

    A POST is never answered with 404: the phone's queue would wait behind it.
    """
    every = definitions()
    occasion = find_occasion(every, request.enrollment.cohort, code, week)
    if request.method == "POST":
        return _take(request, every, occasion, code)
    if occasion is None:
        raise Http404
    if not occasion.is_open(request.today):
        messages.info(request, NOT_OPEN)
        return redirect("questions")
    form = _form(request, occasion, None, initial=_initial(request, every, occasion))
    return _page(request, occasion, form)


def find_occasion(every: Definitions, cohort: Cohort, code: str, week: int) -> Occasion | None:
    """Return the occasion of the version in force, or None where there is no such one."""
    versions = every.get(code)
    if not versions:
        return None
    newest = versions[max(versions)]
    found = occasions_of(newest, starts_on=cohort.starts_on, weeks=cohort.weeks)
    return next((one for one in found if one.week == week), None)


def _take(request: RunnerRequest, every: Definitions, occasion: Occasion | None, code: str) -> HttpResponse:
    """Store the answer that was sent, or say what is the case and show everything that was typed."""
    typed = typed_fields(request.POST.dict())
    old = _version(every, code, request.POST.get("version", ""))
    if occasion is None:
        return _closed_page(request, old, typed, NO_MORE)
    newest = occasion.questionnaire
    if old is not None and old.version != newest.version:
        return _replaced_page(request, occasion, old, typed)
    form = _form(request, occasion, request.POST)
    form.is_valid()
    day = form.day()
    if not occasion.is_open(day):
        early = occasion.opens_on is not None and day < occasion.opens_on
        sentence = (
            TOO_EARLY.format(day=occasion.opens_on) if early else TOO_LATE.format(day=occasion.closes_on)
        )
        return _closed_page(request, newest, typed, sentence)
    if "later" in request.POST:
        _save_draft(request, code, occasion.week, newest.version, typed)
        messages.info(request, "Saved. Pick it up whenever you like.")
        return redirect("questions")
    if not form.is_valid():
        return _page(request, occasion, form, status=UNPROCESSABLE)
    return _save(request, occasion, form, typed, day)


def _save(
    request: RunnerRequest, occasion: Occasion, form: AnswerForm, typed: Mapping[str, str], day: date
) -> HttpResponse:
    try:
        actions.answer(
            enrollment=request.enrollment,
            questionnaire=occasion.questionnaire,
            week=occasion.week,
            key=form.cleaned_data["key"] or uuid.uuid4(),
            values=form.values(),
            names=form.names(),
            answered_on=day,
            by=request.user,
            at=request.at,
        )
    except Replaced:  # loaded between the look above and the lock
        every = definitions()
        newest = find_occasion(every, request.enrollment.cohort, occasion.questionnaire.code, occasion.week)
        if newest is None:
            return _closed_page(request, occasion.questionnaire, typed, NO_MORE)
        return _replaced_page(request, newest, occasion.questionnaire, typed)
    messages.success(request, SAVED)
    return redirect("questions")


def _form(
    request: RunnerRequest,
    occasion: Occasion,
    data: Mapping[str, str] | None,
    *,
    initial: dict[str, object] | None = None,
) -> AnswerForm:
    code = occasion.questionnaire.code
    names = names_of(request.enrollment, code, but_week=occasion.week)
    return AnswerForm(
        data, questionnaire=occasion.questionnaire, names=names, today=request.today, initial=initial
    )


def _page(
    request: RunnerRequest, occasion: Occasion, form: AnswerForm, *, status: int = 200, **more: object
) -> HttpResponse:
    context = {
        "occasion": occasion,
        "questionnaire": occasion.questionnaire,
        "form": form,
        "saved_at": _saved_at(request, occasion),
        **more,
    }
    return render(request, "outcomes/questionnaire.html", context, status=status)


def _saved_at(request: RunnerRequest, occasion: Occasion) -> int:
    """Return when the server last had something of this form, in milliseconds: an older note on the phone gives way."""
    code = occasion.questionnaire.code
    rows: list[AnswerDraft | QuestionnaireAnswer | None] = [
        draft_of(request.enrollment, code, occasion.week),
        counted_answer(request.enrollment, code, occasion.week),
    ]
    return max((int(row.at.timestamp() * 1000) for row in rows if row is not None), default=0)


def _initial(request: RunnerRequest, every: Definitions, occasion: Occasion) -> dict[str, object]:
    """Return what is filled in: the answer that counts, else the draft; the pain in daily life is the log's."""
    code = occasion.questionnaire.code
    answered = counted_answer(request.enrollment, code, occasion.week)
    if answered is not None:
        values = {f"{ANSWER}{item}": value for item, value in answered.values.items()}
        values |= {f"{NAME}{item}": name for item, name in answered.names.items()}
        return values | _logged_pain(request, occasion)
    initial = _logged_pain(request, occasion)
    if (draft := draft_of(request.enrollment, code, occasion.week)) is not None:
        old = every[code].get(draft.version)
        initial |= carry_over(old, occasion.questionnaire, draft.typed)[0]
    return initial


def _logged_pain(request: RunnerRequest, occasion: Occasion) -> dict[str, object]:
    """Return the log's pain in daily life of a weekly questionnaire's week, which the method reads."""
    if occasion.questionnaire.code != WEEKLY:
        return {}
    monday = request.enrollment.cohort.starts_on + (occasion.week - 1) * WEEK
    logged = daily_life(request.enrollment).filter(week_starts_on=monday).first()
    return {f"{ANSWER}{DAILY_LIFE_ITEM}": logged.pain} if logged is not None else {}


def _version(every: Definitions, code: str, typed: str) -> Questionnaire | None:
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 5 else 0
    return every.get(code, {}).get(number)


def _replaced_page(
    request: RunnerRequest, occasion: Occasion, old: Questionnaire, typed: Mapping[str, str]
) -> HttpResponse:
    fits, rest = carry_over(old, occasion.questionnaire, typed)
    form = _form(request, occasion, None, initial=dict(fits))
    sentence = REPLACED.format(rest=FITS)
    return _page(request, occasion, form, status=UNPROCESSABLE, refused=sentence, rest=rest)


def _closed_page(
    request: RunnerRequest, old: Questionnaire | None, typed: Mapping[str, str], sentence: str
) -> HttpResponse:
    context = {"sentence": sentence, "rest": carry_over(old, None, typed)[1]}
    return render(request, "outcomes/closed.html", context, status=UNPROCESSABLE)


def _save_draft(request: RunnerRequest, code: str, week: int, version: int, typed: Mapping[str, str]) -> None:
    actions.save_draft(
        enrollment=request.enrollment, code=code, version=version, week=week, typed=typed, at=request.at
    )


@require_POST
@runner_page
def draft(request: RunnerRequest, code: str, week: int) -> JsonResponse:
    """Keep what is typed so far; the page's script and the phone's queue call this."""
    every = definitions()
    old = _version(every, code, request.POST.get("version", ""))
    occasion = find_occasion(every, request.enrollment.cohort, code, week)
    # What fits nothing any more is answered all the same: the phone's queue would wait behind a refusal.
    if old is not None and occasion is not None:
        _save_draft(request, code, week, old.version, typed_fields(request.POST.dict()))
    return JsonResponse({"saved": old is not None and occasion is not None})
