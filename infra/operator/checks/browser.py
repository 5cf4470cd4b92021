"""Check what a client in a browser needs: readable documents, and a preflight that works without a token."""

from infra.operator.finding import Finding, failed, passed, skipped, warned
from infra.operator.observation import Observation
from infra.operator.web import Answer, NoAnswer

_GATEWAY = (
    "remove CorsConfiguration from the API: it answers instead of the function, and drops the function's "
    "CORS headers"
)


def check_cors(seen: Observation) -> Finding:
    """Check that a page may read the well-known documents."""
    name = "cors"
    documents = [each for each in (seen.path_document, seen.root_document) if isinstance(each, Answer)]
    if not documents:
        return skipped(name, "there is no metadata document")
    if all(each.headers.get("access-control-allow-origin") == "*" for each in documents):
        return passed(name, "every page may read the metadata")
    return warned(name, "a page may not read the metadata: browser clients cannot log in", _GATEWAY)


def check_preflight(seen: Observation) -> Finding:
    name, reply = "preflight", seen.preflight
    if isinstance(reply, NoAnswer):
        if not reply.asked:
            return skipped(name, reply.why)
        return warned(name, f"OPTIONS: {reply.why}", "let OPTIONS reach the function")
    if not 200 <= reply.status < 300:
        return (failed if seen.origin_given else warned)(
            name,
            f"OPTIONS is answered with {reply.status}: no page can call the server",
            "let OPTIONS reach the function without an authorizer: a browser sends no token with it",
        )
    return _check_origin(seen, reply)


def _check_origin(seen: Observation, reply: Answer) -> Finding:
    name = "preflight"
    allowed = reply.headers.get("access-control-allow-origin") == seen.origin
    if not allowed and seen.origin_given:
        return failed(
            name,
            f"pages of {seen.origin} may not call",
            f"add {seen.origin} to ALLOWED_ORIGINS; if it is there, {_GATEWAY}",
        )
    if allowed and "authorization" not in reply.headers.get("access-control-allow-headers", "").lower():
        return failed(name, f"pages of {seen.origin} may not send Authorization", _GATEWAY)
    return passed(name, f"answered; pages of {seen.origin} {'may' if allowed else 'may not'} call")
