"""Check a call without a token: only a 401 makes a client log in."""

from infra.operator.finding import Finding, failed, passed, skipped, warned
from infra.operator.observation import Observation
from infra.operator.report import printable
from infra.operator.web import Answer, NoAnswer

_SLOW_SECONDS = 5.0
_OTHER_STATUSES = {
    429: (
        "API Gateway throttles",
        "wait a minute, or raise ThrottleRate and ThrottleBurst",
    ),
    200: (
        "everybody gets an answer, without a token",
        "this is another server, or a cache answers: check what the URL leads to",
    ),
    403: (
        "a gateway authorizer, a firewall or a missing route answers before the function",
        "remove the authorizer (the function checks tokens itself), add the $default route: 403 starts no login",
    ),
    404: (
        "there is nothing at this path",
        "use the URL that make deploy printed, BASE_URL followed by /mcp, with a $default catch-all route",
    ),
}


def check_answer(seen: Observation) -> Finding:
    """Check that there is any answer."""
    if isinstance(seen.post, NoAnswer):
        return failed(
            "answer",
            f"POST {seen.address.url}: {seen.post.why}",
            "check the host name and its DNS record, that the stack is deployed (make deploy prints the URL), and "
            "the function's log group for timeouts",
        )
    if seen.post.seconds > _SLOW_SECONDS:
        return warned(
            "answer",
            f"the first answer took {seen.post.seconds:.1f} s",
            "a cold start takes a second or two: is SnapStart on, are .pyc files in the artefact?",
        )
    return passed("answer", f"HTTP {seen.post.status} after {seen.post.seconds:.1f} s")


def check_challenge(seen: Observation) -> Finding:
    """Check that the answer is a 401."""
    if isinstance(seen.post, NoAnswer):
        return skipped("challenge", "no answer")
    if seen.post.status == 401:
        return passed("challenge", "401 without a token")
    what, fix = _explain_status(seen.post)
    return failed("challenge", f"HTTP {seen.post.status} instead of 401 without a token: {what}", fix)


def _explain_status(answer: Answer) -> tuple[str, str]:
    if 300 <= answer.status < 400:
        return (
            f"a redirect to {printable(answer.headers.get('location', 'nowhere'))}",
            "serve this very URL: clients lose the token on a redirect (a slash, http to https, a proxy)",
        )
    if answer.status >= 500:
        return (
            "the function does not start, or does not answer in time",
            "read the function's log group: a missing or wrong setting is named there with its fix",
        )
    return _OTHER_STATUSES.get(
        answer.status, ("something else answers", "check that the URL leads to this function")
    )
