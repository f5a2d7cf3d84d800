"""Template tags by which pages of other parts show a runner's questionnaires."""

from typing import Any

from django import template

from challenge.outcomes.definition import Occasion
from challenge.outcomes.queries import due_occasions
from challenge.outcomes.results import QuestionnaireResult, results_of

register = template.Library()


@register.simple_tag(takes_context=True)
def due_questions(context: dict[str, Any]) -> list[Occasion]:
    """Return what waits for the answer of the runner whose page this is."""
    request = context["request"]
    return due_occasions(request.enrollment, on=request.today)


@register.simple_tag(takes_context=True)
def questionnaire_results(context: dict[str, Any]) -> list[QuestionnaireResult]:
    """Return the results of the challenge that the page shows: the present one, or an earlier one of the runner."""
    return results_of(context["shown"])
