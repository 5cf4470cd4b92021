"""Resources and templates that not everybody may read."""

from typing import Annotated

from app.authoring import Complete, permission, resource, scope


async def names(prefix: str) -> list[str]:
    return ["hunter2"]


@resource("plan://hidden", requires=permission("plans:read"))
async def hidden() -> str:
    """A plan."""
    return "the plan"


@resource("plan://open", requires=permission("plans:read"), discoverable=True)
async def open_about_it() -> str:
    """A plan."""
    return "the plan"


@resource("plan://scoped", requires=scope("plans:read"))
async def scoped() -> str:
    """A plan."""
    return "the plan"


@resource("plans://hidden/{name}", requires=permission("plans:read"))
async def hidden_template(name: Annotated[str, Complete(names)]) -> str:
    """Plans."""
    return "the plan"


@resource("plans://{+path}")
async def all_plans(path: str) -> str:
    """Everybody's plans, of which the hidden ones are none."""
    return f"a plan for everybody: {path}"
