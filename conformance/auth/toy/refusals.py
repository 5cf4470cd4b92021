"""How the toy tells that a token is not good, or that it cannot know."""

from conformance.auth.target import METADATA_PATH
from conformance.auth.toy.flaws import Flaws
from conformance.auth.toy.message import Call, Reply
from conformance.auth.toy.place import SCOPE, SITE
from conformance.auth.toy.tokens import Refused


class Refusals:
    def __init__(self, flaws: Flaws) -> None:
        self._flaws = flaws

    def unavailable(self) -> Reply:
        if "cold-no-401" in self._flaws:
            return Reply(401)
        retry = {} if "cold-retry-after" in self._flaws else {"retry-after": "1"}
        return Reply(500 if "cold-503" in self._flaws else 503, None, retry)

    def challenge(self, call: Call, refused: Refused) -> Reply:
        echo = [call.query, call.value("authorization")] if "no-echo" in self._flaws else None
        if "challenge-present" in self._flaws:
            return Reply(refused.status, echo)
        parameters = [*self._error(refused), *self._metadata(call, refused), *self._scope(refused)]
        return Reply(refused.status, echo, {"www-authenticate": f"Bearer {', '.join(parameters)}"})

    def _error(self, refused: Refused) -> list[str]:
        error = refused.error
        if "challenge-no-error" in self._flaws:
            error = error or "invalid_token"
        return [f'error="{error}"'] if error and "challenge-invalid-token" not in self._flaws else []

    def _metadata(self, call: Call, refused: Refused) -> list[str]:
        if refused.status == 403 and "scope-metadata" in self._flaws:
            return []
        if refused.error and "challenge-bad-token-metadata" in self._flaws:
            return []
        site = "" if "challenge-metadata" in self._flaws else SITE
        if "addresses" in self._flaws:
            site = f"http://{call.value('x-forwarded-host') or call.value('host')}"
        return [f'resource_metadata="{site}{METADATA_PATH}/mcp"']

    def _scope(self, refused: Refused) -> list[str]:
        if refused.status == 403:
            return [f'scope="{refused.scope}"'] if refused.scope else []
        if "challenge-scope" in self._flaws:
            return []
        scope = "openid" if "challenge-scope-enough" in self._flaws else SCOPE
        scope += " offline_access" if "challenge-no-offline" in self._flaws else ""
        return [f'scope="{scope}"'] * (2 if "challenge-form" in self._flaws else 1)
