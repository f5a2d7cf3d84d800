"""URLs of unsubscribing, the email service's webhook and the development inbox."""

from django.conf import settings
from django.urls import path

from challenge.mail import dev_inbox, views

urlpatterns = [
    path("email/unsubscribe/<str:token>/", views.unsubscribe, name="email_unsubscribe"),
    path("email/inbound/<slug:service>/", views.inbound, name="email_inbound"),
]
if settings.EMAIL_WEBHOOK:
    urlpatterns += views.patterns(settings.EMAIL_WEBHOOK)
if settings.DEBUG:
    urlpatterns += [
        path("dev/mail/", dev_inbox.inbox, name="dev_mail"),
        path("dev/mail/<str:key>/", dev_inbox.message, name="dev_mail_message"),
        path("dev/mail/<str:key>/html/", dev_inbox.message_html, name="dev_mail_html"),
    ]
