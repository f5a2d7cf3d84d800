"""The addresses of the outbox."""

from django.conf import settings
from django.urls import path

from challenge.mail import dev, views, webhooks

urlpatterns = [
    path("email/unsubscribe/<str:token>/", views.unsubscribe, name="email_unsubscribe"),
]
if settings.EMAIL_WEBHOOK:
    urlpatterns += webhooks.patterns(settings.EMAIL_WEBHOOK)
if settings.DEBUG:
    urlpatterns += [
        path("dev/mail/", dev.mailbox, name="dev_mail"),
        path("dev/mail/<str:key>/", dev.letter, name="dev_mail_letter"),
        path("dev/mail/<str:key>/html/", dev.letter_html, name="dev_mail_html"),
    ]
