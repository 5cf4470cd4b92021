"""Check that the signing keys are usable, and reachable from this machine and from the function."""

from infra.operator.access_token.signing_keys import read_keys
from infra.operator.finding import Finding, failed, passed, skipped, warned
from infra.operator.observation import KEYS, Observation, read_document
from infra.operator.report import printable
from infra.operator.web import Answer, NoAnswer

FALLBACK_MEMBERS = frozenset(
    {
        "issuer",
        "authorization_endpoint",
        "token_endpoint",
        "jwks_uri",
        "introspection_endpoint",
        "response_types_supported",
        "response_modes_supported",
        "grant_types_supported",
        "scopes_supported",
        "code_challenge_methods_supported",
        "token_endpoint_auth_methods_supported",
    }
)
"""The members of the function's static document. AuthKit's own has more, such as the device flow."""
_CIMD = "client_id_metadata_document_supported"


def check_keys(seen: Observation) -> Finding:
    """Check that AuthKit publishes a key that the server accepts."""
    name = "signing-keys"
    if isinstance(seen.keys, NoAnswer) and not seen.keys.asked:
        return skipped(name, seen.keys.why)
    url = f"{printable(str(seen.issuer))}{KEYS}"
    if isinstance(seen.keys, NoAnswer) or seen.keys.status != 200:
        what = seen.keys.why if isinstance(seen.keys, NoAnswer) else f"HTTP {seen.keys.status}"
        return failed(name, f"{url}: {what}", "compare WORKOS_AUTHKIT_DOMAIN with the dashboard (Domains)")
    usable = len(read_keys(seen.keys.body))
    if not usable:
        return failed(
            name,
            f"{url} lists no RSA signature key of 2048 bits or more",
            "check that WORKOS_AUTHKIT_DOMAIN names AuthKit itself and no proxy of yours",
        )
    return passed(name, f"{usable} usable at {url}")


def check_keys_from_server(seen: Observation) -> Finding:
    """Check that the function can fetch the keys: it must do so before it refuses an unknown key id."""
    name = "keys-from-server"
    if not isinstance(seen.stranger, Answer):
        return skipped(name, seen.stranger.why)
    if seen.stranger.status == 401:
        return passed(name, "the function looked up a token's key and refused it")
    if seen.stranger.status == 503:
        return failed(
            name,
            "the function answers 503: it cannot fetch the signing keys",
            f"let the function reach {printable(str(seen.issuer))}{KEYS}: a VPC without NAT, a firewall, or a "
            "wrong WORKOS_AUTHKIT_DOMAIN (log line: signing keys could not be fetched)",
        )
    return skipped(name, f"HTTP {seen.stranger.status} for a token that nobody signed")


def check_mirror(seen: Observation) -> Finding:
    """Check that older clients find AuthKit's metadata at the server's origin."""
    name, theirs, ours = "mirror", read_document(seen.authkit), read_document(seen.mirror)
    if isinstance(seen.mirror, NoAnswer) and not seen.mirror.asked:
        return skipped(name, seen.mirror.why)
    if ours is not None and ours == theirs:
        return passed(name, "AuthKit's metadata is served at the origin too")
    if ours is None:
        return warned(
            name,
            f"{seen.address.mirror} gives no document: clients from before 2025-06 find no login there",
            "add the $default catch-all route, so that the well-known paths reach the function",
        )
    if _is_fallback(ours):
        return warned(
            name,
            "the function serves its static fallback: it could not read AuthKit's metadata, and clients find no "
            "registration there",
            f"let the function reach {printable(str(seen.issuer))} (log line: authorization server metadata could "
            "not be fetched); it tries again every 30 s",
        )
    if theirs is None:
        return skipped(name, "a document is served at the origin, and AuthKit's own could not be read to compare")
    return warned(
        name,
        "it differs from AuthKit's: it is older than a change in the dashboard, or AuthKit was out of reach",
        "wait for an hour, or redeploy; if it stays, let the function reach AuthKit",
    )


def _is_fallback(document: dict[str, object]) -> bool:
    """Whether it is the static document of this version, or of an older one that named CIMD."""
    return document.keys() - {_CIMD} == FALLBACK_MEMBERS
