"""The protected resource metadata document (RFC 9728)."""

from collections.abc import Callable
from typing import Any

from conformance.auth.checks.specs import DISCOVERY, REFRESH, REQUIRED
from conformance.auth.issuer import Issuer
from conformance.auth.requirement import Check, Family, Level, Requirement, Result, failed, judged, not_applicable
from conformance.auth.server import Server
from conformance.auth.target import METADATA_PATH

Document = dict[str, Any]
_ASKED_FOR = "mcp-protocol-version"
Judge = Callable[[Document, Server, Issuer], Result]


def documented(judge: Judge) -> Check:
    """A check of the document at the path form; it fails where there is none."""

    async def check(server: Server, issuer: Issuer) -> Result:
        answer = await server.send("GET", server.target.metadata_url)
        if answer.status != 200 or not isinstance(answer.json, dict):
            return failed(f"{answer.status}, {'no ' if not isinstance(answer.json, dict) else ''}JSON object")
        return judge(answer.json, server, issuer)

    return check


async def root_form(server: Server, issuer: Issuer) -> Result:
    answer = await server.send("GET", server.target.site + METADATA_PATH)
    is_ours = isinstance(answer.json, dict) and answer.json.get("resource") == server.target.identifier
    return judged(answer.status == 200 and is_ours, str(answer.status))


async def content_type(server: Server, issuer: Issuer) -> Result:
    answer = await server.send("GET", server.target.metadata_url)
    found = answer.field("content-type").partition(";")[0].strip().lower()
    return judged(answer.status == 200 and found == "application/json", f"{answer.status}, {found}")


async def readable_by_pages(server: Server, issuer: Issuer) -> Result:
    page = ("origin", "https://page.example")
    read = await server.send("GET", server.target.metadata_url, fields=[page])
    # Clients send the protocol version with it, so that a browser asks first.
    asking = [page, ("access-control-request-method", "GET"), ("access-control-request-headers", _ASKED_FOR)]
    asked = await server.send("OPTIONS", server.target.metadata_url, fields=asking)
    for name, answer in {"the document": read, "its preflight": asked}.items():
        allowed = answer.field("access-control-allow-origin") in {"*", "https://page.example"}
        if not 200 <= answer.status < 300 or not allowed:
            return failed(f"{name}: {answer.status}, {'allowed' if allowed else 'not allowed'}")
    granted = asked.field("access-control-allow-headers").lower()
    return judged(_ASKED_FOR in granted or "*" in granted, f"fields granted: {granted or 'none'}")


def resource(document: Document, server: Server, issuer: Issuer) -> Result:
    return judged(document.get("resource") == server.target.identifier, f"{_shown(document, 'resource', server)}")


def authorization_servers(document: Document, server: Server, issuer: Issuer) -> Result:
    listed = document.get("authorization_servers")
    if not isinstance(listed, list) or not listed:
        return failed("none listed")
    slashed = f"{issuer.url}/" in listed and issuer.url not in listed
    return judged(
        issuer.url in listed, "with a slash that the issuer has not" if slashed else f"{len(listed)} listed"
    )


def header_alone(document: Document, server: Server, issuer: Issuer) -> Result:
    methods = document.get("bearer_methods_supported", ["header"])
    return judged(methods == ["header"], f"{methods}")


def scopes(document: Document, server: Server, issuer: Issuer) -> Result:
    listed = document.get("scopes_supported")
    needed = set(server.target.scopes)
    enough = isinstance(listed, list) and bool(listed) and needed <= set(listed)
    return judged(enough, f"scopes_supported {'absent' if not listed else 'enough' if enough else 'not enough'}")


def no_offline_access(document: Document, server: Server, issuer: Issuer) -> Result:
    listed = document.get("scopes_supported")
    if not listed:
        return not_applicable("it lists no scopes")
    return judged(
        "offline_access" not in listed,
        "offline_access is " + ("" if "offline_access" in listed else "not ") + "listed",
    )


def _shown(document: Document, name: str, server: Server) -> str:
    found = document.get(name)
    if found == server.target.identifier:
        return "equal"
    return "absent" if found is None else f"{found!r:.80}"


FAMILY = Family(
    "Protected resource metadata",
    (
        Requirement(
            "metadata-path",
            "The document is at the well-known path with the resource's own path behind it",
            Level.MUST,
            "RFC 9728 s. 3.1",
            documented(lambda document, server, issuer: judged(True, "200")),
        ),
        Requirement(
            "metadata-root", "The document is at the root's well-known path too", Level.MAY, DISCOVERY, root_form
        ),
        Requirement(
            "metadata-type", "The document is application/json", Level.MUST, "RFC 9728 s. 3.2", content_type
        ),
        Requirement(
            "metadata-resource",
            "`resource` is the endpoint's URL, byte for byte",
            Level.MUST,
            "RFC 9728 s. 3.3",
            documented(resource),
        ),
        Requirement(
            "metadata-issuer",
            "`authorization_servers` lists the issuer, byte for byte",
            Level.MUST,
            DISCOVERY,
            documented(authorization_servers),
        ),
        Requirement(
            "metadata-methods",
            "`bearer_methods_supported`, if there, is the header alone",
            Level.SHOULD,
            REQUIRED,
            documented(header_alone),
            inferred=True,
        ),
        Requirement(
            "metadata-scopes",
            "`scopes_supported` is there and has every scope that a request needs",
            Level.SHOULD,
            "RFC 9728 s. 2",
            documented(scopes),
        ),
        Requirement(
            "metadata-no-offline",
            "`scopes_supported` has no `offline_access`",
            Level.SHOULD,
            REFRESH,
            documented(no_offline_access),
        ),
        Requirement(
            "metadata-cors",
            "A page of any origin may read the document, with `MCP-Protocol-Version` in its request",
            Level.SHOULD,
            DISCOVERY,
            readable_by_pages,
            inferred=True,
        ),
    ),
)
