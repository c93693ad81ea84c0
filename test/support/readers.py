"""Reads request bodies as Python servers do. Each line on stdin is JSON {"type", "body" (base64)}; each answer is a line of JSON."""

import base64
import email
import email.policy
import json
import sys


def form(kind, body, policy):
    message = email.message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body, policy=policy)
    fields = {}
    for part in message.walk():
        name = part.get_param("name", header="content-disposition")
        if part.is_multipart() or name is None:
            continue
        if isinstance(name, tuple):
            name = email.utils.collapse_rfc2231_value(name)
        fields[str(name)] = part.get_payload(decode=True).decode("utf-8", "replace")
    return fields


for line in sys.stdin:
    asked = json.loads(line)
    body = base64.b64decode(asked["body"])
    if asked["type"].startswith("multipart/"):
        answer = [form(asked["type"], body, policy) for policy in (email.policy.compat32, email.policy.HTTP)]
    else:
        answer = [json.loads(body)]
    print(json.dumps(answer), flush=True)
