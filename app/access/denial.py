"""What a caller is told who may not: what is missing, and who can grant it. Another login is never the advice."""

from app.access.requirements import AllOf, Requirement


def explain(missing: tuple[Requirement, ...]) -> str:
    """The text of a denial."""
    lacking = AllOf(missing)
    return f"You may not use this: you need {lacking.needs}. {lacking.granted_by}".rstrip()
