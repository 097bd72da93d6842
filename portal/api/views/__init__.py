"""Pages of tokens, the reference of the API, and its answers where no route answers."""

from .reference import openapi, reference, server_error, unknown
from .tokens import all_tokens, token_revoke, tokens

__all__ = ["all_tokens", "openapi", "reference", "server_error", "token_revoke", "tokens", "unknown"]
