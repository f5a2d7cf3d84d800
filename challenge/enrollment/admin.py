"""Cohorts, seats and the ledger in the admin. Seats are read-only there: only actions change them."""

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.widgets import AutocompleteSelect
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from challenge.accounts.actions import record_accesses
from challenge.accounts.admin import UserAdmin, UserForm
from challenge.accounts.admin_base import AuditedAdmin
from challenge.accounts.models import AddressChange, User
from challenge.accounts.queries import is_owner, open_objection, open_report, user_ids_with_address
from challenge.accounts.query_parameters import PRIMARY_KEY
from challenge.accounts.roles import CLINICIAN
from challenge.db.generic_classes import AnyTabularInline
from challenge.enrollment.address_changes import (
    AddressRefused,
    CannotClear,
    ask_for_address,
    clear_objection,
    describe_waiting,
)
from challenge.enrollment.cohort_actions import (
    begin_cohorts,
    clinician_ids,
    record_clinicians,
    write_of_moved_dates,
)
from challenge.enrollment.cohort_forms import (
    ClinicianFormSet,
    CohortForm,
    cohorts_left_alone,
    last_clinician_sentence,
)
from challenge.enrollment.disputes import CannotThaw, thaw
from challenge.enrollment.models import Cohort, CohortClinician, EarlyAccess, LedgerEntry, Seat
from challenge.enrollment.policies import (
    cohorts_visible_to,
    opened_records,
    runners_visible_to,
    seats_visible_to,
)
from challenge.enrollment.queries import has_seats, recipient_ids
from challenge.mail.admin import AddressAdmin, LargeTableAdmin, OutboxAdmin, ReadOnlyAdmin
from challenge.mail.models import AddressState, OutboxMessage

COHORTS_OFFERED = 20  # the latest; the page of an older cohort leads to its seats


class RecentCohortFilter(admin.SimpleListFilter):
    """A filter by cohort for lists that show the rows of every cohort."""

    title = "cohort"
    parameter_name = "cohort"

    def cohorts(self, request: HttpRequest) -> QuerySet[Cohort]:
        return Cohort.objects.all()

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the latest cohorts, and an older one if the URL has it."""
        names = self.cohorts(request).order_by("-starts_on", "-pk").values_list("pk", "name")
        offered = {str(pk): name for pk, name in names[:COHORTS_OFFERED]}
        chosen = self.value()
        if chosen is not None and chosen not in offered and PRIMARY_KEY(chosen):
            offered |= {str(pk): name for pk, name in names.filter(pk=chosen)}
        return list(offered.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value()
        if chosen is None:
            return queryset
        if chosen not in dict(self.lookup_choices):
            raise IncorrectLookupParameters
        return queryset.filter(**{self.path_in(queryset): chosen})

    def path_in(self, rows: QuerySet[Any]) -> str:
        return "cohort"


class CohortFilter(RecentCohortFilter):
    """A filter by cohort for rows of runners: it offers only the cohorts that the viewer may see."""

    def cohorts(self, request: HttpRequest) -> QuerySet[Cohort]:
        viewer: Any = request.user
        # An owner reads the marks of every cohort, the only list with this filter that is open to owners.
        return Cohort.objects.all() if is_owner(viewer) else cohorts_visible_to(viewer)

    def path_in(self, rows: QuerySet[Any]) -> str:
        model_admin: Any = admin.site._registry[rows.model]
        return f"{model_admin.to_seat}__cohort"


class CohortScoped(AuditedAdmin, ReadOnlyAdmin):
    """Rows of runners in the clinician's cohorts, or open to them for an hour; others answer 404. Looks are recorded.

    `to_enrollment` is the lookup from the model to its enrollment; empty if the model is the enrollment.
    """

    to_enrollment = "enrollment"
    list_filter: ClassVar[tuple[Any, ...]] = (CohortFilter,)

    @property
    def to_seat(self) -> str:
        return f"{self.to_enrollment}__seat" if self.to_enrollment else "seat"

    @property
    def to_person(self) -> str:  # type: ignore[override]
        return f"{self.to_seat}__user"

    def people_in(self, ids: Iterable[Any]) -> Iterable[int]:
        """Return the ids of the runners. Two queries, each by index: in one the planner reads every enrollment."""
        rows = self.model._default_manager.filter(pk__in=list(ids))
        enrollments = set(rows.values_list(self.to_enrollment or "pk", flat=True))
        runners = User.objects.filter(seats__enrollment__in=enrollments, is_staff=False)
        return runners.values_list("pk", flat=True).distinct()

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """Search every list by the runner's name and address."""
        return (f"{self.to_person}__name", f"{self.to_person}__email")

    def get_list_select_related(self, request: HttpRequest) -> tuple[str, ...]:
        return (*(super().get_list_select_related(request) or ()), self.to_person)  # type: ignore[misc]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        viewer: Any = request.user
        rows = super().get_queryset(request)
        visible = Q(**{f"{self.to_seat}__cohort__in": cohorts_visible_to(viewer).order_by()})
        if opened := opened_records(viewer):
            visible |= Q(**{f"{self.to_enrollment or 'pk'}__in": opened})
        return rows.filter(visible)

    @admin.display(description="runner")
    def runner(self, row: Any) -> str:
        """Return the runner's name."""
        enrollment = attrgetter(self.to_enrollment.replace("__", "."))(row) if self.to_enrollment else row
        user = enrollment.seat.user
        return user.get_full_name() if user is not None else "someone who left"

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str
    ) -> HttpResponse:
        raise Http404


@admin.register(OutboxMessage)
class ScopedOutboxAdmin(AuditedAdmin, OutboxAdmin):
    """The outbox, narrowed to messages about the viewer's runners and those to the viewer."""

    show_full_result_count = False  # counting every message would read the whole table

    def people_in(self, ids: Iterable[Any]) -> Iterable[int]:
        """Return the runners whom the messages are about or were sent to."""
        return recipient_ids(OutboxMessage.objects.filter(pk__in=list(ids)).only("about", "to_email"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutboxMessage]:
        messages = super().get_queryset(request)
        viewer: Any = request.user
        runners = runners_visible_to(viewer).values_list("pk", flat=True)
        about = [
            f"enrollment:{pk}" for pk in runners
        ]  # listed by name, so that the index on `about` finds them
        visible = Q(about__in=about) | Q(to_email=viewer.email)
        if viewer.is_superuser:  # keeps the mail running: all but what is about a runner's weeks
            visible |= ~Q(about__startswith="enrollment:")
        return messages.filter(visible)

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str
    ) -> HttpResponse:
        raise Http404


class NumbersOnlyAutocomplete(AutocompleteSelect):
    """Django's widget, which looks up whatever was sent when a refused form is shown again, and fails on text."""

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        return super().optgroups(name, [key if PRIMARY_KEY(str(key)) else "" for key in value], attr)


class ClinicianInline(AnyTabularInline):
    model = CohortClinician
    formset = ClinicianFormSet
    extra = 0
    autocomplete_fields = ("user",)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            options["widget"] = NumbersOnlyAutocomplete(db_field, self.admin_site, using=options.get("using"))
        return super().formfield_for_foreignkey(db_field, request, **options)


def _may_be_deleted(cohort: Cohort) -> bool:
    return cohort.begun_at is None and cohort.closed_at is None and not has_seats(cohort)


@admin.register(Cohort)
class CohortAdmin(LargeTableAdmin):
    form = CohortForm
    list_display = ("name", "starts_on", "weeks", "capacity", "opens_at", "closed_at", "desk")
    prepopulated_fields = {"slug": ("name",)}
    inlines = (ClinicianInline,)
    search_fields = ("name",)

    def get_readonly_fields(self, request: HttpRequest, obj: Cohort | None = None) -> tuple[str, ...]:
        if obj is None:
            return ("closed_at",)
        return (*(("capacity",) if has_seats(obj) else ()), "begun_at", "over_at", "closed_at")

    def get_fields(self, request: HttpRequest, obj: Cohort | None = None) -> list[Any]:
        """Leave out the questions of a cohort that has begun, or that no one has joined."""
        fields = [*super().get_fields(request, obj)]
        if obj is None:
            return [name for name in fields if name not in {"touches_people", "flags_to_clinic", "as_shown"}]
        asks = obj.begun_at is None and has_seats(obj)
        return fields if asks else [name for name in fields if name != "touches_people"]

    def save_model(self, request: HttpRequest, obj: Cohort, form: Any, change: bool) -> None:
        """Write to everyone with a seat whose dates move."""
        before = Cohort.objects.filter(pk=obj.pk).values("starts_on", "weeks").first()
        super().save_model(request, obj, form, change)
        if before is not None:
            write_of_moved_dates(cohort=obj, **before, at=timezone.now())

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Record who reads the cohort's health data from now on."""
        by: Any = request.user
        before = clinician_ids(form.instance)
        super().save_related(request, form, formsets, change)
        record_clinicians(cohort=form.instance, before=before, by=by, at=timezone.now())

    def has_delete_permission(self, request: HttpRequest, obj: Cohort | None = None) -> bool:
        """Only one by one, and before anybody has joined: the trigger `cohort_with_a_history_stays` holds the rest."""
        return obj is not None and _may_be_deleted(obj) and super().has_delete_permission(request, obj)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Set `begun_at` before a change is checked: the worker that does it may be late or down."""
        if request.method == "POST":
            begin_cohorts(at=timezone.now())
        response = super().changeform_view(request, object_id, form_url, extra_context)
        self._record_names(request, response)
        return response

    def _record_names(self, request: HttpRequest, response: HttpResponse) -> None:
        """Record the look at the people whom a refused change of the dates names."""
        shown = getattr(response, "context_data", None) or {}
        if "adminform" in shown and (touched := getattr(shown["adminform"].form, "touched", [])):
            viewer: Any = request.user
            people = [seat.user_id for seat in touched if seat.user_id is not None]
            what = "admin: cohort, who would be moved"
            record_accesses(viewer=viewer, runners=people, what=what, at=timezone.now())

    @admin.display(description="seats")
    def desk(self, cohort: Cohort) -> str:
        """Return a link to the cohort's seats, where the front desk works."""
        return format_html('<a href="{}">seats</a>', reverse("seats_admin:seats", args=[cohort.slug]))

    def get_prepopulated_fields(
        self, request: HttpRequest, obj: Cohort | None = None
    ) -> dict[str, Sequence[str]]:
        return {"slug": ("name",)} if obj is None else {}


@admin.register(Seat)
class SeatAdmin(AuditedAdmin, ReadOnlyAdmin):
    to_person = "user"
    list_display = ("cohort", "number", "email", "state", "held_at", "confirmed_at", "ended_at", "end_reason")
    list_select_related = ("cohort",)
    list_filter = (RecentCohortFilter, "state")
    search_fields = ("email", "user__name")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Seat]:
        """Narrow the list for clinicians to the seats of their own cohorts."""
        viewer: Any = request.user
        return super().get_queryset(request) & seats_visible_to(viewer)


@admin.register(LedgerEntry)
class LedgerAdmin(AuditedAdmin, ReadOnlyAdmin):
    to_person = "user"
    list_display = ("at", "cohort", "seat", "user", "happened", "by", "reason")
    list_select_related = ("cohort", "seat", "user", "by")
    list_filter = (RecentCohortFilter, "happened")
    search_fields = ("user__email", "user__name", "seat__email", "reason")


class AccountForm(UserForm):
    """An account, with boxes to clear an objection to a change of its address and to open a frozen account."""

    objection_cleared = forms.BooleanField(
        required=False,
        label="I have talked with the runner: clear the objection",
        help_text="Until then only a clinician opens another address.",
    )
    thawed = forms.BooleanField(
        required=False,
        label="I have talked with the person: let them sign in again",
        help_text="They pressed “this was not me”. Call the number that you knew before, not one from a new email.",
    )

    def clean(self) -> dict[str, Any]:
        """Refuse to close or demote the last clinician of a running cohort, as `last_clinician_stays` does."""
        cleaned = super().clean()
        if self.instance.pk is None or not {"is_active", "groups"} & set(self.changed_data):
            return cleaned
        roles = {group.name for group in cleaned.get("groups", [])}
        if cleaned.get("is_active", True) and (CLINICIAN in roles or self.instance.is_superuser):
            return cleaned
        if alone := [cohort.name for cohort in cohorts_left_alone(self.instance.pk)]:
            field = "groups" if cleaned.get("is_active", True) else "is_active"
            self.add_error(field, f"{', '.join(alone)}: {last_clinician_sentence()}")
        return cleaned


@admin.register(User)
class PersonAdmin(UserAdmin):
    """Accounts, with the waiting change of address of those that have a health record."""

    form = AccountForm
    readonly_fields = (*UserAdmin.readonly_fields, "address_change")

    def hidden_fields(self, request: HttpRequest, user: User | None) -> set[str]:
        """Offer to clear an objection where there is one, but not to who asked for that change."""
        objected = open_objection(user) if user is not None else None
        may_clear = objected is not None and objected.asked_by_id != request.user.pk
        may_thaw = user is not None and open_report(user) is not None
        hidden = {"objection_cleared": not may_clear, "thawed": not may_thaw}
        return super().hidden_fields(request, user) | {
            name for name, is_hidden in hidden.items() if is_hidden
        }

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        by: Any = request.user
        if change and form.cleaned_data.get("objection_cleared") and is_owner(by):
            try:
                clear_objection(user=obj, by=by, at=timezone.now())
            except CannotClear as refusal:
                messages.error(request, str(refusal))
        if change and form.cleaned_data.get("thawed") and is_owner(by):
            try:
                thaw(user=obj, by=by, at=timezone.now())
            except CannotThaw as refusal:
                messages.error(request, str(refusal))
        if change and obj.is_active and "is_active" in form.changed_data:
            self.keep_closed(request, obj, form)
        super().save_model(request, obj, form, change)

    def keep_closed(self, request: HttpRequest, user: User, form: Any) -> None:
        """Leave the account closed if the runner objected to the address that this same person asked for."""
        objected = open_objection(user)
        if objected is not None and objected.asked_by_id == request.user.pk:
            user.is_active = False
            form.changed_data.remove("is_active")
            messages.error(
                request, "You asked for the address that the runner objected to. A colleague opens it."
            )

    @admin.display(description="change of address")
    def address_change(self, user: User) -> str:
        """Return the waiting change, or that the runner objected to the last one."""
        change = AddressChange.objects.filter(user=user).order_by("-asked_at", "-pk").first()
        if change is not None and change.is_waiting:
            return f"{change.new_email}. {describe_waiting(change)}"
        if open_objection(user) is not None:
            return "The runner objected to the last one. Call them before you change anything."
        return "none waits"

    def change_address(self, request: HttpRequest, user: User, email: str) -> None:
        by: Any = request.user
        reason = "changed on the page of people"
        try:
            change = ask_for_address(user=user, email=email, reason=reason, by=by, at=timezone.now())
        except AddressRefused as refusal:  # the address was taken after the form's own check
            messages.error(request, str(refusal))
            return
        if change is not None and change.is_waiting:
            messages.warning(request, describe_waiting(change))


@admin.register(AddressState)
class AuditedAddressAdmin(AuditedAdmin, AddressAdmin):
    def people_in(self, ids: Iterable[Any]) -> Iterable[int]:
        return user_ids_with_address(
            AddressState.objects.filter(pk__in=list(ids)).values_list("email", flat=True)
        )


@admin.register(EarlyAccess)
class EarlyAccessAdmin(AuditedAdmin, LargeTableAdmin):
    list_display = ("email", "which", "cohort", "asked_at", "confirmed_at", "invited_at")
    list_select_related = ("cohort",)
    list_filter = ("which", RecentCohortFilter)
    search_fields = ("email",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never here: an entry of the raw form could not be invited. The desk invites from the cohort's page."""
        return False

    def people_in(self, ids: Iterable[Any]) -> Iterable[int]:
        """Return the runners whose account has one of these addresses."""
        return user_ids_with_address(
            EarlyAccess.objects.filter(pk__in=list(ids)).values_list("email", flat=True)
        )
