"""All URLs of the program: the parts, sign-in and the admin."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

admin.autodiscover()
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_header = admin.site.site_title = "Pain-Free Runner Challenge"
admin.site.site_url = "/"
admin.site.index_title = "The clinic"

urlpatterns = [
    path("", include("challenge.urls")),
    path("accounts/", include("challenge.accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]
handler400 = "challenge.pages.errors.bad_request"
handler403 = "challenge.pages.errors.forbidden"
handler404 = "challenge.pages.errors.not_found"
handler500 = "challenge.pages.errors.server_error"
