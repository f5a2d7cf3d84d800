from django.contrib.admin.apps import AdminConfig


class GroupedAdminConfig(AdminConfig):
    """Django's admin, its index grouped by the parts of the challenge."""

    default_site = "challenge.accounts.admin_base.GroupedAdminSite"
