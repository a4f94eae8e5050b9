"""What a request says about the site's own name is not believed where the operator has said it."""

from collections.abc import Callable

import pytest
from flask import Flask

CLAIMS = {
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Server": "evil.example",
    "X-Host": "evil.example",
    "X-Original-URL": "//evil.example/",
    "Forwarded": "host=evil.example",
}
PATHS = ["/", "/mitra", "/bantuan", "/lacak"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("site_url", ["", "https://lacak.example"], ids=["unnamed", "named"])
def test_a_forwarded_host_is_never_believed(
    make_site: Callable[..., Flask], path: str, site_url: str
) -> None:
    client = make_site(SITE_URL=site_url, TRUSTED_PROXIES="1").test_client()
    response = client.get(path, headers=CLAIMS)
    assert "evil.example" not in response.text + str(response.headers)


@pytest.mark.parametrize("path", PATHS)
def test_with_an_address_of_its_own_the_site_repeats_no_host(
    make_site: Callable[..., Flask], path: str
) -> None:
    client = make_site(SITE_URL="https://lacak.example").test_client()
    response = client.get(path, headers={"Host": "evil.example", **CLAIMS})
    assert "evil.example" not in response.text + str(response.headers)
