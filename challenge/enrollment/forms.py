"""What visitors type for a list."""

from django import forms


class PlaceForm(forms.Form):
    """An address. `website` is a trap: people do not see it, and who fills it in is answered as if all were well."""

    email = forms.EmailField(
        label="Email",
        max_length=254,
        error_messages={"invalid": "Write the whole address, like robin@example.org."},
        widget=forms.EmailInput({"autocomplete": "email"}),
    )
    website = forms.CharField(
        label="Leave this empty",
        required=False,
        max_length=200,
        widget=forms.TextInput({"tabindex": "-1", "autocomplete": "off"}),
    )
