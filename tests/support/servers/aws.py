"""Calls of AWS's API through boto3.

Reads {"client": {…}, "calls": [[service, operation, parameters], …]} as JSON from standard input, sends the calls in
order, and prints [{"ok": {…}} or {"error": {"code", "message", "status"}}, …]. `client` is what boto3.client takes;
without a key the requests are not signed. Bodies and other bytes are UTF-8.
"""

import datetime
import json
import sys

import boto3
import botocore
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.response import StreamingBody


def plain(value):
    if isinstance(value, StreamingBody):
        value = value.read()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    return str(value)


def stay(context, **_):
    """Told of another region, boto3 would go on there, and nobody would learn of the answer."""
    context.setdefault("s3_redirect", {})["redirected"] = True


def call(service, operation, parameters):
    signature = {} if request["client"].get("aws_access_key_id") else {"signature_version": botocore.UNSIGNED}
    config = Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}, **signature)
    client = boto3.client(service, config=config, **request["client"])
    client.meta.events.register("before-call.s3", stay)
    try:
        answer = getattr(client, operation)(**parameters)
    except ClientError as error:
        code, message = (error.response["Error"].get(key, "") for key in ("Code", "Message"))
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        return {"error": {"code": code, "message": message, "status": status}}
    answer.pop("ResponseMetadata", None)
    return {"ok": answer}


request = json.load(sys.stdin)
print(json.dumps([call(*each) for each in request["calls"]], default=plain))
