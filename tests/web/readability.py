"""Measure how easily people read us: `python -m tests.web.readability`.

Only whole sentences are counted, not labels, which would flatter the mean.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tools.catalogues import LOCALE, catalogues, read, running_text

MEAN_WORDS = 15
"""A sentence has at most this many words on average; those of a newspaper have about 20."""

MAX_WORDS = 24
"""No sentence has more words than this."""

_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{[^{}]*\}")
_TAG = re.compile(r"<[^<>]+>")
_END = re.compile(r"(?<=[.?!…])[\s”]+")
_WORD = re.compile(r"(?<![\w'’/:.,@%-])['’/:.,@%-]*\w[\w'’/:.,@%-]*")
_STIFF = re.compile(
    r"!|\b(mohon maaf|dimohon|harap|sehubungan|apabila|dikarenakan|guna|bahwasanya|terlampir"
    r"|agar supaya|adapun|please be advised|kindly|herewith|pursuant|hereby)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Readability:
    sentences: int
    mean_words: float
    longest: str

    @property
    def longest_words(self) -> int:
        return words_in(self.longest)


def sentences_in(text: str) -> list[str]:
    """Split a text into its sentences; what does not end like one is a label and left out."""
    plain = _TAG.sub("", _PLACEHOLDER.sub("nilai", text))
    return [part for part in _END.split(plain.strip()) if part.rstrip("”").endswith((".", "?"))]


def words_in(sentence: str) -> int:
    """Count the words of a sentence; a placeholder is one."""
    return len(_WORD.findall(sentence))


def measure(texts: Iterable[str]) -> Readability:
    """Return the mean length of the sentences, and the longest one."""
    sentences = [sentence for text in texts for sentence in sentences_in(text)]
    total = sum(map(words_in, sentences))
    return Readability(len(sentences), total / len(sentences), max(sentences, key=words_in))


def stiff(texts: Iterable[str]) -> list[str]:
    """Return the texts that shout or sound like an office."""
    return [text for text in texts if _STIFF.search(text)]


def texts_of(language: str) -> list[str]:
    """Return every text that people read in a language, the templates' own included, once."""
    directory = LOCALE / language / "LC_MESSAGES"
    texts = [message.string for message in read(directory / "codes.po") if message.id]
    translated = directory / "messages.po"
    if translated.exists():
        texts += [message.string for message in read(translated) if message.id]
    else:
        texts += [text for _name, text in running_text()]
    each = (part for text in texts for part in ((text,) if isinstance(text, str) else text or ()))
    return list(dict.fromkeys(each))


def main() -> None:
    """Print the measure of both languages."""
    for language in sorted({path.parent.parent.name for path in catalogues()}):
        texts = texts_of(language)
        result = measure(texts)
        print(
            f"{language}: {len(texts)} texts, {result.sentences} sentences, mean "
            f"{result.mean_words:.1f} words, longest {result.longest_words}: {result.longest}"
        )
        for text in stiff(texts):
            print(f"  stiff: {text}")


if __name__ == "__main__":
    main()
