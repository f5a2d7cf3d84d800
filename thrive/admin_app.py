"""The admin's app configuration, in a module of its own: Django imports it before the models exist."""

from django.contrib.admin.apps import AdminConfig


class GroupedAdminConfig(AdminConfig):
    """Django's admin with its index grouped by the parts of the challenge."""

    default_site = "challenge.accounts.admin_base.GroupedAdminSite"
