"""Read and write SSM SecureStrings, and turn errors of AWS into sentences that name the fix."""

from typing import Any

from infra.operator.aws_refusals import explain_refusal


class StoreRefused(Exception):
    """AWS refused; the message says why and what to change, and contains no value."""


_REFUSALS = {
    "AccessDeniedException": (
        "these AWS credentials may not do it; allow ssm:GetParameters and ssm:PutParameter on this parameter, and "
        "kms:Encrypt and kms:Decrypt through SSM"
    ),
    "InvalidKeyId": "SECRETS_KEY_ARN names no KMS key of this account and region, or a disabled one",
    "ParameterLimitExceeded": "the account has as many parameters as it may have",
}


class ParameterStore:
    """The SSM parameters of one account and region."""

    def __init__(self, region: str | None = None, key_arn: str = "") -> None:
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError

        retries: Any = {"total_max_attempts": 3, "mode": "standard"}
        try:
            self._client = boto3.client(
                "ssm",
                region_name=region,
                config=Config(connect_timeout=5, read_timeout=10, retries=retries),
            )
        except (BotoCoreError, ValueError) as error:
            raise StoreRefused(_sentence(type(error).__name__, "")) from None
        self._sealing = {"KeyId": key_arn} if key_arn else {}
        self.region = str(self._client.meta.region_name)

    def close(self) -> None:
        self._client.close()

    def exists(self, name: str) -> bool:
        # Without decryption, because the value is not needed.
        return bool(self._call("get_parameters", Names=[name], WithDecryption=False)["Parameters"])

    def read(self, name: str) -> str | None:
        """The decrypted value; None if there is no such parameter."""
        found = self._call("get_parameters", Names=[name], WithDecryption=True)["Parameters"]
        return str(found[0]["Value"]) if found else None

    def write(self, name: str, value: str, description: str, *, replace: bool) -> None:
        self._call(
            "put_parameter",
            Name=name,
            Value=value,
            Type="SecureString",
            Description=description,
            Overwrite=replace,
            **self._sealing,
        )

    def _call(self, operation: str, **arguments: Any) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return getattr(self._client, operation)(**arguments)
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", "Unknown"))
        except BotoCoreError as error:
            code = type(error).__name__
        # Raised outside of the handlers, so that AWS's error is not chained: it may repeat the secret value.
        raise StoreRefused(_sentence(code, self.region))


def _sentence(code: str, region: str) -> str:
    refusal = _REFUSALS.get(code)
    return f"{refusal} ({code}, region {region})" if refusal else explain_refusal(code, "SSM", region)
