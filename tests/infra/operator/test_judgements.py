"""Judgements that need no server: wildcards, tables, families."""

import json

import pytest

from app.http.discovery import fallback_metadata
from infra.operator.access_token.family import Family, identify_family
from infra.operator.checks.indicator import covers
from infra.operator.checks.keys import FALLBACK_MEMBERS
from infra.operator.finding import failed, passed, skipped, warned
from infra.operator.report import printable, summarize, table
from tests.infra.operator.site import Canned
from tests.infra.operator.world import METADATA, world


@pytest.mark.parametrize(
    ("pattern", "covered"),
    [
        ("https://*.example.com/mcp", True),
        ("https://mcp.example.com/*", True),
        ("https://*.example.com/", False),
        ("https://*/mcp", False),
        ("https://m*.example.com/mcp", False),
        ("https://mcp.example.com/m*", False),
        ("https://mcp.example.com/mcp", False),
        ("*", False),
    ],
)
def test_a_wildcard_covers_one_label_or_one_segment(pattern: str, covered: bool) -> None:
    assert covers(pattern, "https://mcp.example.com/mcp") is covered


def test_the_static_document_is_recognised_by_what_it_says() -> None:
    assert json.loads(fallback_metadata("https://acme.authkit.app")).keys() == FALLBACK_MEMBERS


@pytest.mark.parametrize(("mirrored", "status"), [("static", "warn"), ("theirs", "skip"), ("nothing", "warn")])
def test_a_mirror_that_cannot_be_compared_does_not_pass(mirrored: str, status: str) -> None:
    with world() as sad:
        documents = {
            "static": Canned(200, json.loads(fallback_metadata(sad.workos.url))),
            "theirs": sad.server.answers[METADATA],
            "nothing": Canned(404),
        }
        sad.server.answers[METADATA] = documents[mirrored]
        sad.workos.change(METADATA, status=503)

        assert sad.examine()["mirror"].status == status


def test_a_table_has_what_was_seen_what_to_do_and_what_was_not_checked() -> None:
    findings = [
        passed("url", "https://mcp.example.com/mcp"),
        warned("cors", "closed", "open it"),
        failed("challenge", "403", "remove the authorizer"),
        skipped("pkce", "not read"),
        skipped("issuer", "not read"),
    ]

    assert table(findings).splitlines() == [
        "  pass    url        https://mcp.example.com/mcp",
        "  warn    cors       closed",
        "                     fix: open it",
        "  FAIL    challenge  403",
        "                     fix: remove the authorizer",
        "  skip    pkce, issuer: not read",
    ]
    assert summarize(findings) == "1 fail, 1 warn, 2 skip, 1 pass"


def test_somebody_elses_text_is_one_short_line() -> None:
    assert printable("a\nb\x1b[31m\u202ec") == "a b [31m c"
    assert len(printable("x" * 1000)) == 160


@pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "e30.e30.", "e30.bm90.AAAA", "é.é.é", "\x00"])
def test_what_is_no_jwt_is_of_no_family(token: str) -> None:
    from infra.operator.access_token.decoded import decode

    assert identify_family(token, decode(token)) is Family.OPAQUE
