"""Check both protected resource metadata documents: that everybody can read them, and what they say."""

from infra.operator.finding import Finding, failed, passed, skipped
from infra.operator.observation import Observation, read_document
from infra.operator.report import printable
from infra.operator.web import Answer, NoAnswer, Reply, may_send_secrets

_OUTSIDE = (
    "API Gateway answers before the function: deploy to the $default stage (or map a custom domain with an "
    "empty base path) and add the $default catch-all route"
)
_OPEN = "the well-known documents are read before login: take the authorizer or firewall rule off /.well-known/*"


def check_root_document(seen: Observation) -> Finding:
    return _check_document("metadata-root", seen.address.root_document, seen.root_document)


def check_path_document(seen: Observation) -> Finding:
    name = "metadata-path"
    finding = _check_document(name, seen.address.path_document, seen.path_document)
    root = read_document(seen.root_document)
    if root is not None and read_document(seen.path_document) not in (None, root):
        return failed(
            name, "it differs from the document at the root", "let one deployment serve both, uncached by a CDN"
        )
    return finding


def _check_document(name: str, url: str, reply: Reply) -> Finding:
    if isinstance(reply, NoAnswer):
        if not reply.asked:
            return skipped(name, reply.why)
        return failed(name, f"GET {url}: {reply.why}", reply.fix)
    if reply.status != 200:
        return failed(name, f"GET {url}: HTTP {reply.status}", _choose_fix(reply))
    document = reply.document()
    if document is None or not isinstance(document.get("resource"), str):
        return failed(
            name, f"GET {url}: no protected resource metadata", "check that the URL leads to this function"
        )
    return passed(name, url)


def _choose_fix(answer: Answer) -> str:
    """Choose the fix for an answer without a document, by who probably sent it."""
    if answer.status == 401:
        return _OPEN
    if answer.status in (403, 404):
        return _OUTSIDE
    if 300 <= answer.status < 400:
        to = printable(answer.headers.get("location", "nowhere"))
        return f"serve it at this very URL, not by a redirect to {to}"
    if answer.status == 429:
        return "too many requests at once: wait a minute, or raise ThrottleRate and ThrottleBurst"
    if answer.status >= 500:
        return "the function answers, and fails: read its log group, where a wrong setting is named with its fix"
    return "something else answers: check that the URL leads to this function"


def check_resource(seen: Observation) -> Finding:
    """Check that the server's resource indicator is the URL that clients use, byte for byte."""
    name = "resource"
    if seen.metadata is None:
        return skipped(name, "there is no metadata document")
    resource = seen.metadata.get("resource")
    if resource == seen.address.resource:
        return passed(name, f"{resource}, byte for byte")
    return failed(
        name,
        f"the server calls itself {printable(str(resource))}, clients call it {seen.address.resource}",
        f"set BASE_URL to {seen.address.origin} and register {seen.address.resource} in WorkOS (make provision)",
    )


def check_authorization_server(seen: Observation) -> Finding:
    """Check that the metadata names one authorization server, as an origin without a slash."""
    name = "authorization-server"
    if seen.metadata is None:
        return skipped(name, "there is no metadata document")
    listed, issuer = seen.metadata.get("authorization_servers"), seen.issuer
    fix = "set WORKOS_AUTHKIT_DOMAIN to the AuthKit domain of the dashboard (Domains), such as acme.authkit.app"
    if issuer is None:
        return failed(name, "the metadata names none", fix)
    if isinstance(listed, list) and len(listed) > 1:
        return failed(name, f"the metadata names {len(listed)}; clients use the first alone", fix)
    if issuer.endswith("/"):
        return failed(name, f"{printable(issuer)} ends with a slash, AuthKit's issuer has none", fix)
    if not may_send_secrets(issuer):
        return failed(name, f"{printable(issuer)} is not https", fix)
    return passed(name, issuer)
