"""Bases of the parts' admin pages: filters by cohort, and lists narrowed to the runners whom the viewer may see."""

from collections.abc import Iterable
from operator import attrgetter
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse

from challenge.accounts.admin_base import AuditedAdmin
from challenge.accounts.models import User
from challenge.accounts.queries import is_owner
from challenge.accounts.query_parameters import PRIMARY_KEY
from challenge.enrollment.models import Cohort
from challenge.enrollment.policies import (
    cohorts_visible_to,
    opened_records,
)
from challenge.mail.admin import ReadOnlyAdmin

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
