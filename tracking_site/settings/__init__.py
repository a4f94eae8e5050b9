"""Settings as data: one declaration gives name, form, default and sentence.

The README's table and the messages at a wrong start come from here; nothing below
this room reads the environment.
"""

from .files import Rotating, content_of, toml_in
from .forms import DEFAULT_PORTS, SettingsError, as_browsers_say, refusing_as
from .settings import Settings, misspelt

__all__ = [
    "DEFAULT_PORTS",
    "Rotating",
    "Settings",
    "SettingsError",
    "as_browsers_say",
    "content_of",
    "misspelt",
    "refusing_as",
    "toml_in",
]
