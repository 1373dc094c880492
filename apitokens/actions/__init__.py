"""The verbs on API keys. Nobody makes or widens a key beyond his own effective rights."""

from apitokens.actions.keys import create_key, delete_key, edit_key, regenerate, revoke

__all__ = ["create_key", "delete_key", "edit_key", "regenerate", "revoke"]
