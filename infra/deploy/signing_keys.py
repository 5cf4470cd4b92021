"""Put AuthKit's current signing keys into the artefact, for environments that start without SnapStart."""

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path

from infra.deploy.deployment import Deployment
from infra.operator.access_token.signing_keys import read_keys
from infra.operator.address import AddressRefused, read_address
from infra.operator.web import NoAnswer, Web, may_send_secrets

FILE = "McpFunction/app/signing_keys.json"
"""Relative to the build folder; app/settings.py names the same file."""
MAX_FETCH_SECONDS = 3.0
MAX_DOCUMENT_BYTES = 64 * 1024
_HOUR_SECONDS = 3600
_PUBLIC_MEMBERS = ("kty", "kid", "use", "alg", "key_ops", "n", "e")


class NoKeys(Exception):
    """The keys could not be fetched; the message says why."""


def put_signing_keys(
    deployment: Deployment,
    folder: Path,
    *,
    clock: Callable[[], float] = time.time,
    seconds: float = MAX_FETCH_SECONDS,
) -> str | None:
    """Write the keys into the build `folder`, if the parameters ask for it.

    Returns a message for the operator. A failure stops nothing: without the file each environment fetches the
    keys.
    """
    file = folder / FILE
    file.unlink(missing_ok=True)
    if not _wants_keys(deployment):
        return None
    asked_at = int(clock())
    try:
        issuer = _issuer(deployment.parameters["AuthKitDomain"])
        keys = asyncio.run(_fetch(f"{issuer}/oauth2/jwks", seconds))
    except NoKeys as problem:
        return (
            f"No signing keys are deployed: {problem}. Each fresh environment fetches them, as without a snapshot."
        )
    # Rounded down to the hour: the keys never look newer than they are, and repeating a deployment changes
    # nothing.
    snapshot = {"issuer": issuer, "fetched_at": asked_at // _HOUR_SECONDS * _HOUR_SECONDS, "keys": keys}
    file.write_text(json.dumps(snapshot, sort_keys=True, separators=(",", ":")))
    return f"Signing keys of {issuer} are deployed with the code: {len(keys)}"


def _wants_keys(deployment: Deployment) -> bool:
    """With SnapStart each version fetches the keys for its snapshot; a file would only make every build differ."""
    parameters = deployment.parameters
    return parameters.get("SnapStart", "on") == "off" and parameters.get("KeySnapshot", "true") == "true"


def _issuer(domain: str) -> str:
    try:
        issuer = read_address(domain if "://" in domain else f"https://{domain}").origin
    except AddressRefused:
        raise NoKeys("AuthKitDomain is not a host name") from None
    if not may_send_secrets(issuer):
        raise NoKeys(f"{issuer} is not https")
    return issuer


async def _fetch(url: str, seconds: float) -> list[dict[str, object]]:
    answer = await Web(seconds).ask("GET", url)
    if isinstance(answer, NoAnswer):
        raise NoKeys(f"{url}: {answer.why}")
    if answer.status != 200:
        raise NoKeys(f"{url}: HTTP {answer.status}")
    if len(answer.body) > MAX_DOCUMENT_BYTES:
        raise NoKeys(f"{url}: more than {MAX_DOCUMENT_BYTES} bytes")
    if not read_keys(answer.body):
        raise NoKeys(f"{url}: no usable key")
    return _public_parts(answer.body)


def _public_parts(document: bytes) -> list[dict[str, object]]:
    """Keep the members that the function reads, sorted by key id. The function checks each key itself."""
    listed = [jwk for jwk in json.loads(document)["keys"] if isinstance(jwk, dict) and jwk.get("kty") == "RSA"]
    public = [{name: jwk[name] for name in _PUBLIC_MEMBERS if name in jwk} for jwk in listed]
    return sorted(public, key=lambda jwk: str(jwk.get("kid")))
