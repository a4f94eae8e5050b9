"""The words of one language: running text, words for the contract's codes, dates, numbers.

Knows no Flask and no claim: callers hand in codes and values and get a text for people.
Running text stands in templates, Indonesian first, and is translated by the `messages`
catalogue; words for codes stand in the `codes` catalogue of each language, under keys such
as `stage.assessment`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from gettext import NullTranslations, translation
from itertools import combinations
from pathlib import Path
from unicodedata import bidirectional

from .dates import Writing
from .languages import SOURCE_LANGUAGE

Asked = tuple[str | None, ...]
_REMEMBERED = 10_000
_LEFTWARDS = frozenset({"R", "AL"})
_LOCALE = Path(__file__).parent.parent / "locale"


def set_apart(name: str) -> str:
    """Return a name for use in a sentence: one that is written from right to left, isolated.

    Else it would turn the words and marks beside it around. As <bdi> does where a name stands
    alone.
    """
    is_leftwards = any(bidirectional(each) in _LEFTWARDS for each in name)
    return f"\u2068{name}\u2069" if is_leftwards else name


def _ignore(family: str) -> None:
    """Count nothing."""


class Words(Writing):
    """One language, loaded once and shared by all threads.

    `on_unknown` is told the family, never the code, each time a code has no words.
    """

    def __init__(
        self,
        language: str,
        messages: NullTranslations,
        codes: NullTranslations,
        on_unknown: Callable[[str], None] = _ignore,
    ) -> None:
        super().__init__(codes.gettext)
        self.language = language
        self.gettext = messages.gettext
        self.ngettext = messages.ngettext
        self._find = codes.gettext
        self._on_unknown = on_unknown
        self._known: dict[Asked, str] = {}
        self._has: dict[Asked, bool] = {}

    @classmethod
    def load(
        cls,
        language: str,
        on_unknown: Callable[[str], None] = _ignore,
        directory: Path = _LOCALE,
    ) -> "Words":
        """Read the catalogues of a language.

        Raises FileNotFoundError where there are none; the source language needs no messages.
        """
        is_source = language == SOURCE_LANGUAGE
        messages = translation("messages", directory, [language], fallback=is_source)
        return cls(language, messages, translation("codes", directory, [language]), on_unknown)

    def code(self, family: str, *codes: str | None, **values: object) -> str:
        """Return the words for a code, given after whatever makes it more specific.

        `code("stage", "jht", "assessment")` looks for `stage.jht.assessment`, then leaves out
        what stands before the code: `stage.assessment`. Values fill the `{name}`s; FAMILIES of
        locale/compile.py says which ones a family may use. A code without words comes back as
        it came, in a text that says so; no code (None, or empty) has nothing to say.
        """
        code = codes[-1]
        if not code:
            return ""
        text = self._known.get((family, *codes))
        if text is None:
            keys = _keys((family,), codes[:-1], code)
            text = self._first((family, *codes), keys, family)
        # Most say the same whatever the values; a brace of a text itself is doubled.
        return text.format(**{**values, "code": code}) if "{" in text or "}" in text else text

    def headline(self, situation: str, *details: str | None, **values: object) -> str:
        """Return the sentence that opens a claim.

        A bar parts what names it from what stands large. `situation` is one of
        domain/situation.py or a way to say it; details are service and kind. The most specific
        of `headline.<situation>.<details…>` wins, last of all `headline.<situation>`.
        """
        text = self._known.get(("headline", situation, *details))
        if text is None:
            keys = _keys(("headline", situation), details)
            text = self._first(("headline", situation, *details), keys, "headline")
        return text.format(**{**values, "code": situation})

    def has(self, family: str, *codes: str | None) -> bool:
        """Return whether `code` would find words."""
        known = self._has.get((family, *codes))
        if known is None:
            *context, code = codes
            keys = _keys((family,), context, code)
            known = bool(code) and any(self._find(key) != key for key in keys)
            if len(self._has) < _REMEMBERED:
                self._has[family, *codes] = known
        return known

    def _first(self, asked: Asked, keys: Iterable[str], family: str) -> str:
        for key in keys:
            text = self._find(key)
            if text != key:
                # The core may invent codes without end, so what is remembered has an end.
                if len(self._known) < _REMEMBERED:
                    self._known[asked] = text
                return text
        self._on_unknown(family)
        key = f"unknown_code.{family}"
        text = self._find(key)
        return text if text != key else self._find("unknown_code")


def _keys(
    begin: tuple[str, ...], middle: Sequence[str | None], end: str | None = None
) -> Iterator[str]:
    """Yield keys with the whole middle, then with ever more left out, later codes kept longest."""
    codes = [code for code in middle if code]
    last = (end,) if end else ()
    for size in range(len(codes), -1, -1):
        for kept in reversed(list(combinations(codes, size))):
            yield ".".join((*begin, *kept, *last))
