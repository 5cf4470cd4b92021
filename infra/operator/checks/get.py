"""Check GET on the endpoint: clients send it after every login, and the answer must come at once."""

from infra.operator.finding import Finding, failed, passed, skipped, warned
from infra.operator.observation import Observation
from infra.operator.web import NoAnswer, Reply

CHECK = "get"
_FAST_SECONDS = 3.0


def check_get(seen: Observation) -> Finding:
    return judge_get(CHECK, seen.get)


def judge_get(check: str, reply: Reply) -> Finding:
    if isinstance(reply, NoAnswer):
        if not reply.asked:
            return skipped(check, reply.why)
        return failed(
            check,
            f"GET does not end: {reply.why}",
            "answer it at once (401 without a token, 405 with one): a stream holds the function, and is billed, "
            "until the gateway's 30 s are over",
        )
    if reply.status not in (401, 405):
        return warned(check, f"GET is answered with {reply.status}, not 401 or 405", "let GET reach the function")
    if reply.seconds > _FAST_SECONDS:
        return warned(check, f"GET took {reply.seconds:.1f} s", "look for cold starts, or a function that is busy")
    return passed(check, f"{reply.status} after {reply.seconds:.1f} s")
