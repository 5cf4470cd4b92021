"""The toy's metadata document."""

from conformance.auth.target import METADATA_PATH
from conformance.auth.toy.flaws import Flaws
from conformance.auth.toy.message import Call, Reply
from conformance.auth.toy.place import RESOURCE, SCOPE, TOOL_SCOPE

_PUBLIC = {"access-control-allow-origin": "*", "access-control-allow-headers": "*"}


class Metadata:
    def __init__(self, issuer: str, flaws: Flaws) -> None:
        self._issuer, self._flaws = issuer, flaws

    def answer(self, call: Call) -> Reply:
        form = "metadata-root" if call.path == METADATA_PATH else "metadata-path"
        if form in self._flaws:
            return Reply(404)
        fields = {} if "metadata-cors" in self._flaws else dict(_PUBLIC)
        if "metadata-type" in self._flaws:
            fields["content-type"] = "text/plain"
        return Reply(204, None, fields) if call.method == "OPTIONS" else Reply(200, self._document(), fields)

    def _document(self) -> dict[str, object]:
        offline = ["offline_access"] if "metadata-no-offline" in self._flaws else []
        document: dict[str, object] = {
            "resource": RESOURCE + ("/" if "metadata-resource" in self._flaws else ""),
            "authorization_servers": [self._issuer + ("/" if "metadata-issuer" in self._flaws else "")],
            "bearer_methods_supported": ["header", *(["query"] if "metadata-methods" in self._flaws else [])],
            "scopes_supported": [SCOPE, TOOL_SCOPE, *offline],
        }
        if "metadata-scopes" in self._flaws:
            del document["scopes_supported"]
        return document
