"""Settings as data: one declaration gives name, form, default and sentence.

The README's table and the messages at a wrong start come from here; nothing below
this room reads the environment.
"""

from .forms import SettingsError, content_of, refusing_as, toml_in
from .settings import Settings, misspelt

__all__ = ["Settings", "SettingsError", "content_of", "misspelt", "refusing_as", "toml_in"]
