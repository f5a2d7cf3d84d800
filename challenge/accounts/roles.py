"""Roles are groups, each with the permissions it needs and no more. A superuser is for emergencies only."""

from typing import Any

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission

RUNNER = "runner"
CLINICIAN = "clinician"
FRONT_DESK = "front desk"
OWNER = "owner"
STAFF_ROLES = (CLINICIAN, FRONT_DESK, OWNER)

# Role -> model name -> verbs of the admin. Only clinicians read health data.
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
        "runnercomplaint": ("view",),
        "complaintchange": ("view",),
        "dismissedproposal": ("view",),
        "heelstrikeperiod": ("view",),
        "note": ("view",),
        "message": ("view",),
        "contact": ("view",),
        "outcomescore": ("view",),
        "questionnaireanswer": ("view",),
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
        "cohort": ("view", "add", "change", "delete"),
        "cohortclinician": ("view", "add", "change", "delete"),
        "seat": ("view",),
        "ledgerentry": ("view",),
        "earlyaccess": ("view", "add", "change"),
        "accessentry": ("view",),
        "identityevent": ("view",),
        "emergencyaccess": ("view",),
        "booking": ("view",),
        "availability": ("view",),
        "weekfeedback": ("view",),
        "endfeedback": ("view",),
        "teammember": ("view", "add", "change", "delete"),
        "loadedquestionnaire": ("view",),
    },
}


def set_up_groups(sender: Any, using: str = "default", **kwargs: Any) -> None:
    """Create the groups with exactly the permissions above. Runs after every migrate."""
    create_permissions(apps.get_app_config("challenge"), verbosity=0, using=using)
    ours = Permission.objects.using(using).filter(content_type__app_label="challenge")
    ids = {permission.codename: permission.pk for permission in ours}
    for role, models in PERMISSIONS.items():
        group, _ = Group.objects.using(using).get_or_create(name=role)
        wanted = [ids[f"{verb}_{model}"] for model, verbs in models.items() for verb in verbs]
        group.permissions.set(wanted)
