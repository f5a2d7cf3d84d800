"""The installation in containers that several files of tests share: building it takes minutes."""

from tests.deep.containers.installation import site

__all__ = ["site"]
