"""moto's server, in which unsigned requests are answered as by Amazon; by itself it fails at them with status 500."""

from moto.core.authorization import ActionAuthenticatorMixin
from moto.core.exceptions import AccessDeniedError
from moto.iam.access_control import S3IAMRequest
from moto.s3.exceptions import S3AccessDeniedError
from moto.server import main

check_signature = ActionAuthenticatorMixin._authenticate_and_authorize_action


def check(self, request_class, resource="*"):
    if "Authorization" in self.headers:
        check_signature(self, request_class, resource)
    elif self._get_action() != "AssumeRoleWithWebIdentity":
        # The caller proves who it is by the token: AWS STS API reference, AssumeRoleWithWebIdentity.
        raise S3AccessDeniedError() if request_class is S3IAMRequest else AccessDeniedError("nobody", "anything")


ActionAuthenticatorMixin._authenticate_and_authorize_action = check
main()
