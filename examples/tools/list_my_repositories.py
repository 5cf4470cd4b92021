"""Connected accounts (WorkOS Pipes): read from GitHub in the caller's name, who connects it in the first call."""

import os
from typing import Annotated

from pydantic import BaseModel

from app.authoring import Account, ToolError, connected, tool

MAX_REPOSITORIES = 100
"""One page of GitHub's list."""


class Repository(BaseModel):
    full_name: str
    private: bool
    html_url: str


@tool(title="My repositories", read_only=True, idempotent=True)
async def list_my_repositories(
    github: Annotated[Account, connected("github", scopes=["repo"])],
) -> list[Repository]:
    """List your repositories at GitHub, at most 100."""
    # `make dev` has a GitHub of its own there.
    api = os.environ.get("GITHUB_API_URL", "https://api.github.com")
    answer = await github.http.get(f"{api}/user/repos", params={"per_page": MAX_REPOSITORIES})
    if answer.status_code == 401:
        raise ToolError(
            "GitHub does not accept the connection any more. Call disconnect for github, then this again."
        )
    if answer.status_code != 200:
        raise ToolError("GitHub has a problem at the moment. Try again in a minute.")
    return [Repository.model_validate(each) for each in answer.json()]
