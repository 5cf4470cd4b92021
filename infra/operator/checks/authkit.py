"""Check AuthKit's metadata: that it is reachable, has the same issuer, and offers what MCP clients need."""

from infra.operator.address import AUTHORIZATION_SERVER
from infra.operator.finding import Finding, failed, passed, skipped, warned
from infra.operator.observation import Observation, read_document
from infra.operator.report import printable
from infra.operator.web import NoAnswer

DASHBOARD = "https://dashboard.workos.com, Connect, Configuration"
_STANDARD = frozenset({"openid", "profile", "email", "offline_access"})


def check_authkit(seen: Observation) -> Finding:
    """Check that AuthKit answers with its metadata."""
    name = "authkit"
    if isinstance(seen.authkit, NoAnswer) and not seen.authkit.asked:
        return skipped(name, seen.authkit.why)
    if read_document(seen.authkit) is not None:
        return passed(name, f"{seen.issuer} answers")
    url = f"{printable(str(seen.issuer))}{AUTHORIZATION_SERVER}"
    if isinstance(seen.authkit, NoAnswer) and seen.authkit.timed_out:
        return failed(name, f"{url}: {seen.authkit.why}", "try again in a minute; see status.workos.com")
    what = seen.authkit.why if isinstance(seen.authkit, NoAnswer) else f"HTTP {seen.authkit.status}"
    return failed(
        name,
        f"{url}: {what}",
        "compare WORKOS_AUTHKIT_DOMAIN with the AuthKit domain in the dashboard (Domains); if it is right, "
        "see status.workos.com",
    )


def check_issuer(seen: Observation) -> Finding:
    """Check that AuthKit and the server name the same issuer: clients compare byte for byte (RFC 8414 section
    3.3)."""
    name, document = "issuer", read_document(seen.authkit)
    if document is None:
        return skipped(name, "AuthKit's metadata was not read")
    issuer = document.get("issuer")
    if issuer == seen.issuer:
        return passed(name, f"{issuer}, byte for byte")
    return failed(
        name,
        f"AuthKit calls itself {printable(str(issuer))}, the server calls it {printable(str(seen.issuer))}",
        f"set WORKOS_AUTHKIT_DOMAIN to {printable(str(issuer)).removeprefix('https://')}",
    )


def check_pkce(seen: Observation) -> Finding:
    """Check that AuthKit advertises S256. Clients must refuse an authorization server that does not."""
    name, document = "pkce", read_document(seen.authkit)
    if document is None:
        return skipped(name, "AuthKit's metadata was not read")
    if _lists(document, "code_challenge_methods_supported", "S256"):
        return passed(name, "S256 is advertised")
    return failed(
        name,
        "code_challenge_methods_supported does not list S256",
        "AuthKit lists it: a proxy serves openid-configuration in place of oauth-authorization-server, or "
        "WORKOS_AUTHKIT_DOMAIN names another kind of server",
    )


def check_public_clients(seen: Observation) -> Finding:
    """Check that clients without a secret may ask for tokens: MCP clients on a person's machine have none."""
    name, document = "public-clients", read_document(seen.authkit)
    if document is None:
        return skipped(name, "AuthKit's metadata was not read")
    if _lists(document, "token_endpoint_auth_methods_supported", "none"):
        return passed(name, 'the method "none" is advertised')
    return failed(
        name,
        'token_endpoint_auth_methods_supported does not list "none"',
        "AuthKit lists it: check that WORKOS_AUTHKIT_DOMAIN names AuthKit itself",
    )


def check_registration(seen: Observation) -> Finding:
    """Check that an unknown client can identify or register itself."""
    name, document = "client-registration", read_document(seen.authkit)
    if document is None:
        return skipped(name, "AuthKit's metadata was not read")
    cimd = document.get("client_id_metadata_document_supported") is True
    dcr = isinstance(document.get("registration_endpoint"), str)
    if cimd or dcr:
        return passed(name, f"CIMD is {'on' if cimd else 'off'}, DCR is {'on' if dcr else 'off'}")
    return failed(
        name,
        "neither CIMD nor DCR is on: no client can identify itself",
        f"{DASHBOARD}: switch on Client ID Metadata Document, and Dynamic Client Registration for older clients",
    )


def check_scopes(seen: Observation) -> Finding:
    """Check that AuthKit offers every scope that the server tells clients to ask for."""
    name, document, wanted = "scopes", read_document(seen.authkit), (seen.metadata or {}).get("scopes_supported")
    if document is None or not isinstance(wanted, list):
        return skipped(name, "AuthKit's metadata was not read" if document is None else "the server names none")
    offered = document.get("scopes_supported")
    known = _STANDARD | set(map(str, offered if isinstance(offered, list) else []))
    missing = sorted({printable(str(each)) for each in wanted} - known)
    if not missing:
        return passed(name, "AuthKit offers all scopes that the server names")
    return warned(
        name,
        f"AuthKit does not offer {', '.join(missing)}: a client that asks for it cannot log in",
        "take it out of REQUIRED_SCOPES and the tools, or have WorkOS support switch it on for the environment",
    )


def check_offline_access(seen: Observation) -> Finding:
    """Check that the server's metadata names offline_access, for which AuthKit gives a refresh token."""
    name, named = "offline-access", (seen.metadata or {}).get("scopes_supported")
    if not isinstance(named, list):
        why = "there is no metadata document" if seen.metadata is None else "the server names no scope"
        return skipped(name, why)
    if "offline_access" in named:
        return passed(name, "named in the metadata: clients that ask for what it names get a refresh token")
    return warned(
        name,
        "the metadata does not name offline_access: clients that ask for what it names (Qwen Code, Cline, "
        "mcporter, the AI SDK) get no refresh token, and lose their tools after minutes, with the access token",
        "take ADVERTISE_OFFLINE_ACCESS=false off the function (template parameter AdvertiseOfflineAccess)",
    )


def _lists(document: dict[str, object], name: str, value: str) -> bool:
    listed = document.get(name)
    return isinstance(listed, list) and value in listed
