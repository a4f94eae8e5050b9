"""One more language, in a copy of the tree: its catalogues and one entry, and nothing else."""

import re
import shutil
from pathlib import Path

import pytest

from sandbox import Sandbox
from tests.conftest import SECRET
from tests.copied_tree import change, copy_to, run

CODE, NAME = "su", "Basa Sunda"
VISIT = """
import sys
from tracking_site.app import create_app
from tracking_site.settings import Settings
client = create_app(Settings.from_env({
    "CLAIMS_API_URL": sys.argv[1], "SECRET_KEYS": sys.argv[2], "GUARD_OFF": "1", "SITE_NOTICE": "x",
    "SITE_URL": "http://localhost",
})).test_client()
for path in ("/", "/en/", "/su/", "/su/bantuan", "/su/privasi", "/su/mitra", "/robots.txt",
             "/.well-known/security.txt"):
    answer = client.get(path)
    print("===", path, answer.status_code)
    print(answer.text)
answer = client.post("/su/lacak", data={"nomor": sys.argv[3]})
print("=== lacak", answer.status_code, answer.headers["Location"])
print(client.get(answer.headers["Location"]).text)
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return copy_to(tmp_path)


def add_language(tree: Path) -> None:
    locale = tree / "tracking_site" / "locale"
    shutil.copytree(locale / "en", locale / CODE)
    messages = locale / CODE / "LC_MESSAGES" / "messages.po"
    change(messages, 'msgstr "Skip to content"', 'msgstr "Langsung kana eusi"')
    entry = '"en": "English"'
    place = tree / "tracking_site" / "telling" / "languages.py"
    change(place, entry, f'{entry}, "{CODE}": "{NAME}"')
    run(tree, "-m", "tools.catalogues")


@pytest.mark.proofs
def test_a_language_is_its_catalogues_and_one_entry(tree: Path) -> None:
    add_language(tree)
    with Sandbox() as core:
        nik = core.sample("assessment_day_3").nik
        said = run(tree, "-c", VISIT, core.url, SECRET, nik)
    pages = {part.split("\n")[0]: part for part in said.split("=== ")[1:]}
    assert [head.split()[1] for head in pages] == ["200"] * 8 + ["303"]
    form = pages["/su/ 200"]
    assert '<html lang="su"' in form
    assert "Langsung kana eusi" in form
    assert '<meta property="og:locale" content="su">' in form
    tongues = re.findall(r'class="tongue"[^>]* href="([^"]+)" hreflang="(\w+)"', form)
    assert tongues == [("/", "id"), ("/en/", "en")]
    assert ("/su/", CODE) in re.findall(r'href="([^"]+)" hreflang="(\w+)"', pages["/ 200"])
    assert "Disallow: /su/klaim/" in pages["/robots.txt 200"]
    assert "Preferred-Languages: id, en, su" in pages["/.well-known/security.txt 200"]
    [result] = [part for head, part in pages.items() if head.startswith("lacak")]
    assert "/su/klaim/" in result.split("\n")[0]
    assert 'data-outcome="found"' in result
    [addresses] = re.findall(r'data-tongue="([^"]+)"', result)
    assert [re.sub(r"/klaim/.*", "", each) for each in addresses.split()] == ["", "/en"]
