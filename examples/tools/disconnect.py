"""Connected accounts (WorkOS Pipes): end one, after a question."""

from pydantic import BaseModel, Field

from app.authoring import CurrentAsk, CurrentConnections, ToolError, tool


class Confirmation(BaseModel):
    really: bool = Field(title="Disconnect it")


@tool(read_only=False, destructive=True, idempotent=True, open_world=False)
async def disconnect(provider: str, connections: CurrentConnections, ask: CurrentAsk) -> str:
    """Disconnect your account at another service, such as github, after asking you."""
    accounts = {each.provider: each for each in await connections.list() if each.owner == "user"}
    found = accounts.get(provider)
    if found is None:
        raise ToolError(f"You can connect an account at: {', '.join(accounts) or 'no service'}.")
    if found.state == "not_connected":
        return f"{found.name} is not connected."
    answer = await ask(
        f"Disconnect your {found.name} account? Tools that need it will ask you to connect it again.",
        Confirmation,
        otherwise=ToolError(f"{found.name} stays connected: you could not be asked whether you want to end it."),
    )
    if not answer.really:
        return f"{found.name} stays connected."
    await connections.disconnect(provider)
    return f"{found.name} is disconnected. To take back what you allowed there, open its own settings."
