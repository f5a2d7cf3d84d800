"""What a person chooses about the calendar of their plan."""

from django import forms


class PlanFeedForm(forms.Form):
    """What the calendar shows beside the days."""

    shows_number = forms.BooleanField(
        label="Show my steps a minute on Mondays",
        required=False,
        help_text="Anyone who sees your calendar sees it too.",
    )
