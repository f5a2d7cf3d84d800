"""The admin's frame around the clinicians' pages."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def render_in_admin(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """In the admin's frame, without its list of models: that would ask for every permission anew."""
    frame: dict[str, Any] = {
        "site_header": admin.site.site_header,
        "site_title": admin.site.site_title,
        "site_url": admin.site.site_url,
        "has_permission": True,
        "is_nav_sidebar_enabled": False,
        "available_apps": [],
    }
    return render(request, template, frame | context, status=status)
