"""Reports for the examples of authorisation. Each caller sees those of their own organisation only."""

from pydantic import BaseModel

from app.authoring import CurrentGrants, CurrentSession


class Report(BaseModel):
    id: str
    title: str
    text: str


_REPORTS = {
    "org_01LOCALANALYTICALENGINES00": (
        Report(id="report-q1", title="First quarter", text="The engine computed 1,024 Bernoulli numbers."),
        Report(id="report-q2", title="Second quarter", text="A card jam cost two days in June."),
    ),
    "org_01LOCALCOMPILERWORKS000000": (
        Report(id="report-c1", title="Compilers shipped", text="One, and it compiles itself."),
    ),
}


async def list_own_reports(session: CurrentSession) -> tuple[Report, ...]:
    """The reports of the organisation that the caller is logged in to."""
    return _REPORTS.get(session.organization_id or "", ())


async def may_view(report_id: str, grants: CurrentGrants) -> bool:
    """Whether the caller may view this one report. WorkOS decides (fine-grained authorization)."""
    return await grants.may("report:view", resource_type="report", external_id=report_id)
