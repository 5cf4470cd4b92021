"""Turn the error codes of AWS into sentences that name the fix."""

_REFUSALS = {
    "UnrecognizedClientException": "AWS does not know these credentials, or not in this region",
    "InvalidClientTokenId": "AWS does not know these credentials, or not in this region",
    "InvalidSignatureException": "AWS does not accept these credentials: the secret access key is wrong",
    "SignatureDoesNotMatch": "AWS does not accept these credentials: the secret access key is wrong",
    "ExpiredToken": "the AWS credentials have expired: log in again (aws sso login)",
    "ExpiredTokenException": "the AWS credentials have expired: log in again (aws sso login)",
    "Throttling": "AWS is throttling: try again in a minute",
    "ThrottlingException": "AWS is throttling: try again in a minute",
    "TooManyRequestsException": "AWS is throttling: try again in a minute",
}
_NO_CREDENTIALS = ("NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError")
_NO_SESSION = ("SSOTokenLoadError", "UnauthorizedSSOTokenError", "TokenRetrievalError")
_NO_ANSWER = ("EndpointConnectionError", "ConnectTimeoutError", "ReadTimeoutError", "ConnectionClosedError")


def explain_refusal(code: str, service: str, region: str) -> str:
    """Say what an error code of AWS, or the name of an exception of botocore, means and what to change."""
    if code in _NO_CREDENTIALS:
        return "there are no AWS credentials: run aws configure or aws sso login, or set AWS_PROFILE"
    if code in _NO_SESSION:
        return "the login of the AWS profile has ended: run aws sso login"
    if code == "ProfileNotFound":
        return "AWS_PROFILE names a profile that does not exist: see aws configure list-profiles"
    if code in ("NoRegionError", "InvalidRegionError"):
        return "no usable AWS region: set AWS_REGION to the one of the stack, such as AWS_REGION=eu-central-1"
    if code in _NO_ANSWER:
        return f"{service} in {region} does not answer: check AWS_REGION (is there such a region?) and the network"
    return f"{_REFUSALS.get(code, 'AWS refuses')} ({code}, region {region})"
