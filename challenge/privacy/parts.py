"""Every part that holds something of a person, in the order of forgetting: what leans on a row goes before it."""

from challenge.accounts import privacy as accounts
from challenge.calls import privacy as calls
from challenge.care import privacy as care
from challenge.enrollment import privacy as enrollment
from challenge.feedback import privacy as feedback
from challenge.intake import privacy as intake
from challenge.mail import privacy as mail
from challenge.review import privacy as review
from challenge.targets import privacy as targets
from challenge.workouts import privacy as workouts

# The parts that know people. `mail` knows addresses only and is asked by address; `accounts` is forgotten last of all.
BY_PERSON = (review, targets, calls, feedback, workouts, intake, care, enrollment)
LAST = accounts
BY_ADDRESS = mail
EVERY = (*BY_PERSON, LAST, BY_ADDRESS)
