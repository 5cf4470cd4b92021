"""Work that takes longer than a call: messages on the way, a step that runs once, a pause, a question."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.authoring import Background, CurrentSession, CurrentWork, ToolError, organization, tool
from examples.tools._reports import list_own_reports


class Consent(BaseModel):
    go_on: bool = Field(title="Build the report")


_CANNOT_ASK = (
    "The report was not written, because this client cannot ask you. With ask_first=false it is written without a "
    "question."
)


class YearReport(BaseModel):
    titles: list[str]
    words: int


@tool(
    title="Build the year's report",
    read_only=True,
    idempotent=True,
    open_world=False,
    requires=organization(),
    background=Background(minutes=60, keep_hours=24),
)
async def build_year_report(
    work: CurrentWork,
    session: CurrentSession,
    seconds: Annotated[int, Field(ge=0, le=1800, description="How long the work pauses.")] = 45,
    *,
    ask_first: Annotated[bool, Field(description="Whether the work asks its user before it writes.")] = False,
) -> YearReport:
    """Build one report of all reports of your organisation. It takes about a minute."""

    async def read() -> list[list[str]]:
        return [[each.title, each.text] for each in await list_own_reports(session)]

    await work.say("Reading the reports")
    reports = await work.step("reports", read)
    await work.say(f"Counting the words of {len(reports)} reports")
    # As if another system were at work. Nothing runs meanwhile, and nothing is billed.
    await work.sleep(seconds=seconds)
    if ask_first:
        # Without an otherwise, the work would wait for an answer of a client that cannot give one.
        question = f"Write the report of {len(reports)} reports?"
        consent = await work.ask(question, Consent, otherwise=ToolError(_CANNOT_ASK))
        if not consent.go_on:
            raise ToolError("The report was not written, because you said no.")
    await work.say("Writing")
    return YearReport(titles=[title for title, _ in reports], words=sum(len(text.split()) for _, text in reports))
