"""moto's server, in which unsigned requests are answered as by Amazon; by itself it fails at them with status 500.

The one that needs no signature is AssumeRoleWithWebIdentity of STS, where the caller proves who it is by a token. moto
takes any token for any role; here the role must exist and the token must look like one (RFC 7519).
"""

import re

from moto.core.authorization import ActionAuthenticatorMixin
from moto.core.exceptions import AccessDeniedError, _RESTError
from moto.iam.access_control import S3IAMRequest
from moto.iam.exceptions import NotFoundException
from moto.iam.models import iam_backends
from moto.s3.exceptions import S3AccessDeniedError
from moto.server import main

BY_TOKEN = "AssumeRoleWithWebIdentity"
TOKEN = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)

check_signature = ActionAuthenticatorMixin._authenticate_and_authorize_action


def check(self, request_class, resource="*"):
    if "Authorization" in self.headers:
        check_signature(self, request_class, resource)
    elif self._get_action() == BY_TOKEN:
        check_token(self)
    else:
        raise S3AccessDeniedError() if request_class is S3IAMRequest else AccessDeniedError("nobody", "anything")


def check_token(self):
    if not TOKEN.fullmatch(self._get_param("WebIdentityToken")):
        raise _RESTError("InvalidIdentityToken", "The ID Token provided is not a valid JWT.")
    try:
        iam_backends[self.current_account]["aws"].get_role_by_arn(self._get_param("RoleArn"))
    except NotFoundException:
        raise AccessDeniedError("nobody", f"sts:{BY_TOKEN}") from None


ActionAuthenticatorMixin._authenticate_and_authorize_action = check
main()
