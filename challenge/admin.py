"""An index of the parts' admin pages, nothing else."""

from challenge.accounts import admin as accounts
from challenge.calls import admin as calls
from challenge.care import admin as care
from challenge.enrollment import account_admin
from challenge.enrollment import admin as enrollment
from challenge.feedback import admin as feedback
from challenge.intake import admin as intake
from challenge.mail import admin as mail
from challenge.messages import admin as messages
from challenge.outcomes import admin as outcomes
from challenge.pages import admin as pages
from challenge.review import admin as review
from challenge.weekly import admin as weekly
from challenge.workouts import admin as workouts

__all__ = [
    "account_admin",
    "accounts",
    "calls",
    "care",
    "enrollment",
    "feedback",
    "intake",
    "mail",
    "messages",
    "outcomes",
    "pages",
    "review",
    "weekly",
    "workouts",
]
