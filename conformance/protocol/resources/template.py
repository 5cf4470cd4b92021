"""One resource for each id."""

from app.authoring import resource


@resource("test://template/{id}/data", title="Template", mime_type="application/json")
async def template_data(id: str) -> dict[str, str | bool]:  # noqa: A002 - the suite's name
    """Read the data of one id."""
    return {"id": id, "templateTest": True, "data": f"Data for ID: {id}"}
