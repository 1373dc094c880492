"""Every `reason` an error body can hold, with the status it comes with and what to do about it."""

from __future__ import annotations

REASONS: dict[int, dict[str, str]] = {
    400: {
        "bad_request": "The request cannot be understood at all. Check its address, headers and body.",
        "invalid_json": "The body is not JSON, or has a field twice. The message says where reading it failed.",
        "invalid_parameter": "A query parameter has a value it cannot have. `parameter` names it.",
        "unknown_parameter": "There is no such query parameter here. The message lists the known ones.",
        "invalid_filter": "The filter means nothing. `position` (from 0) and `length` say where; `excerpt` marks it.",
        "invalid_cursor": "The cursor is not from this list in this order. Start again with an empty `cursor=`.",
        "page_too_deep": "Pages end at row 10,000. Read on with `cursor=` instead of `page=`.",
        "invalid_agent_id": "X-Agent-ID is not one agent's id. Send a number such as 4, or no such header.",
        "agent_required": "A superuser key without a default agent must name an agent in X-Agent-ID.",
        "invalid_precondition": "If-Match must be the version or the ETag of a row that has versions.",
        "invalid_idempotency_key": "Idempotency-Key must be 1 to 255 printable ASCII characters, such as a UUID.",
        "unstorable_value": "A value is out of range, or holds characters that cannot be stored, such as NUL.",
    },
    401: {
        "credentials_missing": "Send an API key in the Authorization header.",
        "malformed": "What follows Bearer or key is no secret. Look for quotes, line ends, or a header sent twice.",
        "unsupported_scheme": "The Authorization header must start with `Bearer` or `key`.",
        "invalid_token": "No key has this secret, or the id before it is another key's. Was it copied whole?",
        "wrong_door": "A bot token opens /mcp alone, and an API key the API alone. The message says which this is.",
        "revoked": "The key was revoked. Ask an admin for a new one.",
        "suspended": "The key is suspended. An admin can regenerate it.",
        "expired": "The key has expired. An admin can give it a later expiry, or create a new one.",
        "agent_disabled": "The agent that the key acts as is disabled. An admin can activate it again.",
    },
    403: {
        "forbidden": "This is not allowed.",
        "insufficient_scope": "The key lacks one of `required_scopes`, or its tags leave the operation out.",
        "agent_permission": "The role of the acting agent does not allow it. See `missing_permission`.",
        "agent_override_not_allowed": "Only superuser keys act as other agents. Leave X-Agent-ID out.",
        "agent_unavailable": "X-Agent-ID names no active agent.",
        "ip_not_allowed": "`address_list` (of the key, or the helpdesk) does not hold `address`. An admin can add it.",
        "plan_required": "The helpdesk's plan does not include the API. An admin can change it or start a trial.",
        "https_required": "The API answers over HTTPS only. Regenerate a key that was sent in the clear.",
    },
    404: {
        "not_found": "There is nothing here, or nothing that the acting agent may see: the answer is the same."
    },
    405: {
        "method_not_allowed": "The address exists, but not with this method. The header Allow lists its methods."
    },
    406: {"not_acceptable": "The API answers in JSON. Send `Accept: application/json`, or no Accept at all."},
    409: {
        "stale_version": "Somebody changed the same field after the version you name. `conflicts` has both values.",
        "idempotency_in_progress": "The first request with this Idempotency-Key is still being worked on. Wait.",
        "duplicate": "Another row has this value already. `existing` is its id.",
        "merged": "The ticket was merged: its conversation goes on in `merged_into`. Do it there, or unmerge it.",
        "in_use": "It is still needed or in use, so it is not deleted. The message says by what.",
    },
    413: {"too_large": "The body is too large: JSON may have 1 MB, an uploaded file 25 MB."},
    415: {"unsupported_media_type": "Send JSON as application/json, and files as multipart/form-data."},
    422: {
        "invalid": "A field has a value it cannot have. `fields` says which and why; `errors` holds the rest.",
        "unknown_field": "The body has a field that does not exist. `fields` names it and lists the known ones.",
        "idempotency_mismatch": "This Idempotency-Key was used for another request. Use a new one.",
    },
    429: {
        "quota_exceeded": "The key has used up its requests for this minute. Wait `retry_after` seconds.",
        "too_many_failures": "Too many requests with a wrong secret came from your address. Wait a minute.",
    },
    500: {"server_error": "Something went wrong on our side. Tell an admin the request id."},
    503: {"unavailable": "The helpdesk's database does not answer. Wait as long as Retry-After says."},
}
