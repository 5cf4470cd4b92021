from typing import Any

from app.authoring import resource
from tests.catalogues.misbehaving.tools._behaviours import BEHAVIOURS


@resource("misbehaving://{kind}")
async def misbehaving(kind: str) -> Any:
    """Behave so."""
    return await BEHAVIOURS[kind]("in a resource")
