"""Fill Django's change forms with what was typed before a sign-out."""

from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse

from challenge.accounts.kept_forms import KeptForm
from challenge.db.generic_classes import AnyModelAdmin

TYPED_IS_BACK = (
    "You were signed out before this was sent, so nothing is saved yet. What you typed is back: look at it, then save. "
    "You’ll need to choose files and type passwords again."
)


class KeptChangeForm(AnyModelAdmin):
    """Show a kept POST as a bound form, inline rows included, and save nothing.

    `GroupedAdminSite.register` adds it to every admin class.
    """

    def _changeform_view(
        self, request: HttpRequest, object_id: str | None, form_url: str, extra_context: Any
    ) -> HttpResponse:
        kept: KeptForm | None = getattr(request, "kept_form", None)
        if kept is None or request.method != "GET" or kept.action != request.path:
            return self._django_view(request, object_id, form_url, extra_context)
        _ = (
            request.FILES
        )  # read while this is still a GET, or Django would parse the empty body over our POST
        request.method, request.POST = "POST", kept.as_post()  # type: ignore[assignment]
        messages.warning(request, TYPED_IS_BACK)
        response = self._django_view(request, object_id, form_url, extra_context)
        kept.is_shown = response.status_code == 200
        return response

    def _django_view(self, *args: Any) -> HttpResponse:
        # Private, because the public `changeform_view` checks the CSRF token of a POST, which this is not.
        response: HttpResponse = super()._changeform_view(*args)  # type: ignore[misc] # unknown to the stubs
        return response

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        if getattr(request, "kept_form", None) is None:
            return form
        return type(form.__name__, (NeverValidForm, form), {})


class NeverValidForm(BaseForm):
    """Mixed into a form, check and show it but never save it."""

    def is_valid(self) -> bool:
        super().is_valid()  # fills `errors`
        return False
