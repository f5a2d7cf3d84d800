"""Agreeing to be forgotten."""

from django import forms


class DeleteForm(forms.Form):
    understood = forms.BooleanField(
        label="Yes, delete my account and everything in it",
        error_messages={"required": "Tick the box to show that you mean it."},
    )
