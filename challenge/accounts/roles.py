"""Roles are groups. Each gets the permissions it needs and no more; a superuser is for emergencies."""

from typing import Any

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission

RUNNER = "runner"
CLINICIAN = "clinician"
FRONT_DESK = "front desk"
OWNER = "owner"
STAFF_ROLES = (CLINICIAN, FRONT_DESK, OWNER)

# Model name -> the admin's verbs, per role. Health data stands under clinician alone.
PERMISSIONS: dict[str, dict[str, tuple[str, ...]]] = {
    RUNNER: {},
    CLINICIAN: {
        "cohort": ("view",),
        "seat": ("view",),
        "enrollment": ("view",),
        "phasechange": ("view",),
        "flag": ("view",),
        "pause": ("view",),
        "weeklytarget": ("view",),
        "outboxmessage": ("view",),
        "intake": ("view",),
        "complaint": ("view",),
        "consent": ("view",),
        "run": ("view",),
        "strengthsession": ("view",),
        "strengthset": ("view",),
        "morning": ("view",),
        "dailylife": ("view",),
        "restweek": ("view",),
        "entryrevision": ("view",),
        "functiontest": ("view",),
        "clinicianoverride": ("view",),
        "heelstrikeperiod": ("view",),
        "note": ("view",),
        "message": ("view",),
        "contact": ("view",),
        "outcomescore": ("view",),
        "plannedcadence": ("view",),
        "exercisevideo": ("view", "add", "change", "delete"),
        "weekfeedback": ("view",),
        "endfeedback": ("view",),
    },
    FRONT_DESK: {
        "cohort": ("view",),
        "seat": ("view",),
        "ledgerentry": ("view",),
        "earlyaccess": ("view", "add"),
        "booking": ("view",),
        "availability": ("view",),
    },
    OWNER: {
        "user": ("view", "add", "change"),
        "cohort": ("view", "add", "change"),
        "cohortclinician": ("view", "add", "change", "delete"),
        "seat": ("view",),
        "ledgerentry": ("view",),
        "earlyaccess": ("view", "add", "change"),
        "accessentry": ("view",),
        "booking": ("view",),
        "availability": ("view",),
        "weekfeedback": ("view",),
        "endfeedback": ("view",),
    },
}


def set_up_groups(sender: Any, using: str = "default", **kwargs: Any) -> None:
    """After every migrate: the groups, with exactly the permissions above."""
    create_permissions(apps.get_app_config("challenge"), verbosity=0, using=using)
    ids = {
        (p.codename): p.pk
        for p in Permission.objects.using(using).filter(content_type__app_label="challenge")
    }
    for role, models in PERMISSIONS.items():
        group, _ = Group.objects.using(using).get_or_create(name=role)
        wanted = [ids[f"{verb}_{model}"] for model, verbs in models.items() for verb in verbs]
        group.permissions.set(wanted)
