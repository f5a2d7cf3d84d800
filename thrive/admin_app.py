"""The admin's app configuration, apart from `apps`, where Django expects a single configuration."""

from django.contrib.admin.apps import AdminConfig


class GroupedAdminConfig(AdminConfig):
    """Django's admin with its index grouped by the parts of the challenge."""

    default_site = "challenge.accounts.admin_base.GroupedAdminSite"
