"""The short question of each week: one thing at a time, in the order in which runners meet it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Question:
    """`name` is stored with the answer, so that the words may be changed without changing what was asked."""

    name: str
    asks: str


QUESTIONS = {
    question.name: question
    for question in (
        Question("joining", "How was joining: the seat, the questions, the first email?"),
        Question("first_number", "Your first cadence number: how was it to run with?"),
        Question("logging", "How was logging this week?"),
        Question("exercises", "The strength sessions: how did they fit into your week?"),
        Question("email", "The Monday email: how easy was it to know what to do?"),
        Question("reasons", "The reasons behind your number: how clear were they?"),
        Question("metronome", "Metronome, watch or feeling: how was it to hold the cadence?"),
        Question("clinician", "Reaching a clinician, or being reached: how was it?"),
        Question("week", "How was this week with the program?"),
    )
}
IN_ORDER = tuple(QUESTIONS)


def question_of(week: int) -> Question:
    """The question of a week, 0 before the start; later weeks are asked the last one."""
    return QUESTIONS[IN_ORDER[min(max(week, 0), len(IN_ORDER) - 1)]]
