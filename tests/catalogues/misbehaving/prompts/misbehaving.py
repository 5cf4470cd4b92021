from app.authoring import prompt
from tests.catalogues.misbehaving.tools._behaviours import BEHAVIOURS


@prompt()
async def misbehaving(kind: str, text: str) -> str:
    """Behave so."""
    return str(await BEHAVIOURS[kind](text))
