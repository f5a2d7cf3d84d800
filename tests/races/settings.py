"""The program's own settings, plus a middleware that spoils chosen requests on purpose."""

from thrive.settings import *  # noqa: F403
from thrive.settings import MIDDLEWARE

MIDDLEWARE = [*MIDDLEWARE, "tests.races.spoiling.SpoilingMiddleware"]
