"""The signing keys of the hour, put into the artefact: environments without SnapStart start with them."""

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path

from infra.deploy.deployment import Deployment
from infra.operator.access_token.signing_keys import read_keys
from infra.operator.address import AddressRefused, read_address
from infra.operator.web import NoAnswer, Web, is_private_way

FILE = "McpFunction/app/signing_keys.json"
"""In the build folder; app/settings.py names the same."""
SECONDS = 3.0
MAX_BYTES = 64 * 1024
_HOUR = 3600
_KEPT = ("kty", "kid", "use", "alg", "key_ops", "n", "e")


class NoKeys(Exception):
    """They cannot be had; the message says why."""


def put_signing_keys(
    deployment: Deployment, folder: Path, *, clock: Callable[[], float] = time.time, seconds: float = SECONDS
) -> str | None:
    """Into the build `folder`, if they are wanted there. What to tell the operator: no failure stops anything."""
    file = folder / FILE
    file.unlink(missing_ok=True)
    if not _are_wanted(deployment):
        return None
    asked_at = int(clock())
    try:
        issuer = _issuer(deployment.parameters["AuthKitDomain"])
        keys = asyncio.run(_fetch(f"{issuer}/oauth2/jwks", seconds))
    except NoKeys as problem:
        return (
            f"No signing keys are deployed: {problem}. Each fresh environment fetches them, as without a snapshot."
        )
    # Never younger than they are, and the same file for an hour: the same deployment again changes nothing.
    told = {"issuer": issuer, "fetched_at": asked_at // _HOUR * _HOUR, "keys": keys}
    file.write_text(json.dumps(told, sort_keys=True, separators=(",", ":")))
    return f"Signing keys of {issuer} are deployed with the code: {len(keys)}"


def _are_wanted(deployment: Deployment) -> bool:
    """With SnapStart each version fetches them for its snapshot, and a file of the hour would only change it."""
    parameters = deployment.parameters
    return parameters.get("SnapStart", "on") == "off" and parameters.get("KeySnapshot", "true") == "true"


def _issuer(domain: str) -> str:
    try:
        issuer = read_address(domain if "://" in domain else f"https://{domain}").origin
    except AddressRefused:
        raise NoKeys("AuthKitDomain is no host") from None
    if not is_private_way(issuer):
        raise NoKeys(f"{issuer} is not https")
    return issuer


async def _fetch(url: str, seconds: float) -> list[dict[str, object]]:
    answer = await Web(seconds).ask("GET", url)
    if isinstance(answer, NoAnswer):
        raise NoKeys(f"{url}: {answer.why}")
    if answer.status != 200:
        raise NoKeys(f"{url}: HTTP {answer.status}")
    if len(answer.body) > MAX_BYTES:
        raise NoKeys(f"{url}: more than {MAX_BYTES} bytes")
    if not read_keys(answer.body):
        raise NoKeys(f"{url}: no usable key")
    return _public_parts(answer.body)


def _public_parts(document: bytes) -> list[dict[str, object]]:
    """What the function reads, which judges each key itself; in the order of their names, which stays."""
    listed = [jwk for jwk in json.loads(document)["keys"] if isinstance(jwk, dict) and jwk.get("kty") == "RSA"]
    kept = [{name: jwk[name] for name in _KEPT if name in jwk} for jwk in listed]
    return sorted(kept, key=lambda jwk: str(jwk.get("kid")))
