"""Every method there is: found by looking into the package, never listed by hand."""

import importlib
import pkgutil
from functools import cache

import analysis.methods
from analysis.methods.base import Method

_NOT_METHODS = {"base", "registry"}


@cache
def methods() -> dict[str, Method]:
    """Each method by its key, in the order in which findings are computed and read."""
    names = {each.name for each in pkgutil.iter_modules(analysis.methods.__path__)} - _NOT_METHODS
    found: dict[str, Method] = {
        name: importlib.import_module(f"analysis.methods.{name}").METHOD for name in sorted(names)
    }
    return dict(sorted(found.items(), key=lambda item: item[1].place))


def shown_as_tables() -> dict[str, str]:
    """Titles of the methods whose rows the report shows as they are, by key."""
    return {key: method.title for key, method in methods().items() if method.title}
