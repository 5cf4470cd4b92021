"""The two well-known documents, which differ from each other as AuthKit's do.

MCP clients need `code_challenge_methods_supported` and `registration_endpoint`. AuthKit has them only in the
OAuth document, so a proxy that mirrors the OpenID document breaks logins.
"""

from collections.abc import Iterable

SCOPES = ("email", "offline_access", "openid", "profile")
Document = dict[str, object]


def oauth_document(issuer: str, extra_scopes: Iterable[str], *, advertise_cimd: bool) -> Document:
    """Make the document of RFC 8414. AuthKit also has the device flow; the stand-in does not."""
    document = _common(issuer, extra_scopes) | {
        "registration_endpoint": f"{issuer}/oauth2/register",
        "code_challenge_methods_supported": ["S256"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
    }
    return document | ({"client_id_metadata_document_supported": True} if advertise_cimd else {})


def openid_document(issuer: str, extra_scopes: Iterable[str]) -> Document:
    return _common(issuer, extra_scopes) | {
        "userinfo_endpoint": f"{issuer}/oauth2/userinfo",
        "id_token_signing_alg_values_supported": ["RS256"],
        "subject_types_supported": ["public"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
    }


def _common(issuer: str, extra_scopes: Iterable[str]) -> Document:
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth2/authorize",
        "token_endpoint": f"{issuer}/oauth2/token",
        "jwks_uri": f"{issuer}/oauth2/jwks",
        "introspection_endpoint": f"{issuer}/oauth2/introspection",
        "scopes_supported": [*SCOPES, *extra_scopes],
        "response_modes_supported": ["query"],
        "response_types_supported": ["code"],
        "token_endpoint_auth_methods_supported": ["none", "client_secret_post", "client_secret_basic"],
    }
