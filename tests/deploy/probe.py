"""What the second deployment adds to app/tools: it tries to read a parameter, with the function's role."""

from pydantic import BaseModel

from app.authoring import tool


class Attempt(BaseModel):
    outcome: str


@tool(title="Read a parameter", read_only=True)
async def read_parameter(name: str) -> Attempt:
    """Try to read a parameter, and say how it ended."""
    import boto3
    from botocore.exceptions import ClientError

    try:
        boto3.client("ssm").get_parameter(Name=name, WithDecryption=True)
    except ClientError as error:
        return Attempt(outcome=error.response["Error"]["Code"])
    return Attempt(outcome="read")
