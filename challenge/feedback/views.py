"""The feedback page: the week's question, and from the last week on the end form."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from challenge.enrollment.queries import is_first_cohort
from challenge.feedback import actions
from challenge.feedback.forms import EndFeedbackForm, WeekFeedbackForm
from challenge.feedback.queries import end_answer, question_of_week, week_answer
from challenge.protocol.local_week import monday_of
from challenge.workouts.access import RunnerRequest, runner_page

END = "end"


@require_http_methods(["GET", "HEAD", "POST"])
@runner_page
def feedback(request: RunnerRequest) -> HttpResponse:
    """Show both forms and store the one that was sent; the name of its button identifies it."""
    cohort = request.enrollment.cohort
    number = (monday_of(request.today) - cohort.starts_on).days // 7 + 1
    week = max(number, 0) if number <= cohort.weeks else None
    posted = request.POST if request.method == "POST" else None
    for_end = posted is not None and END in posted
    week_answered = week_answer(request.enrollment, week=week) if week is not None else None
    week_form = (
        WeekFeedbackForm(None if for_end else posted, last=week_answered) if week is not None else None
    )
    end_answered = end_answer(request.enrollment) if number >= cohort.weeks else None
    end_form = (
        EndFeedbackForm(posted if for_end else None, last=end_answered) if number >= cohort.weeks else None
    )
    if for_end and end_form is not None and end_form.is_valid():
        values = end_form.values()
        actions.answer_end(enrollment=request.enrollment, key=end_form.form_key(), at=request.at, **values)
        return _thanks_page(request)
    if not for_end and week is not None and week_form is not None and week_form.is_valid():
        values = week_form.values()
        actions.answer_week(
            enrollment=request.enrollment, key=week_form.form_key(), week=week, at=request.at, **values
        )
        return _thanks_page(request)
    context = {
        "is_first": is_first_cohort(cohort),
        "capacity": cohort.capacity,
        "week": week,
        "question": question_of_week(week) if week is not None else None,
        "week_form": week_form,
        "week_answered": week_answered,
        "end_form": end_form,
        "end_answered": end_answered,
    }
    return render(request, "feedback/feedback.html", context, status=200 if posted is None else 422)


def _thanks_page(request: RunnerRequest) -> HttpResponse:
    messages.success(request, "Thank you. A person will read it, and it shapes the next version.")
    return redirect("feedback")
