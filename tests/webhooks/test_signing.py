"""Signatures as Standard Webhooks has them, and what is not believed."""

import pytest

from portal.webhooks import signing
from portal.webhooks.signing import BadSignatureError, headers_for, key_of, new_secret, sign, verify

# The example of the Standard Webhooks reference libraries.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE, AT, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_published_example_has_the_published_signature() -> None:
    assert sign(SECRET, MESSAGE, AT, BODY) == SIGNATURE
    assert verify([SECRET], headers_for(SECRET, MESSAGE, AT, BODY), BODY, now=AT) == MESSAGE


def test_several_secrets_and_several_signatures_may_be_in_use_while_one_is_replaced() -> None:
    headers = {**headers_for(SECRET, MESSAGE, AT, BODY), signing.SIGNATURE: f"v1,b2xk v1a,x {SIGNATURE}"}
    assert verify([new_secret(), SECRET], headers, BODY, now=AT) == MESSAGE


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({signing.SIGNATURE: ""}, "missing"),
        ({signing.ID: ""}, "missing"),
        ({signing.TIMESTAMP: "soon"}, "malformed"),
        ({signing.TIMESTAMP: "1" * 40}, "malformed"),
        ({signing.ID: "x" * 201}, "malformed"),
        ({signing.ID: "a\0b"}, "malformed"),
        ({signing.TIMESTAMP: str(AT - 301)}, "old"),
        ({signing.TIMESTAMP: str(AT + 301)}, "early"),
        ({signing.TIMESTAMP: str(AT + 1)}, "forged"),
        ({signing.ID: "msg_another"}, "forged"),
        ({signing.SIGNATURE: "v1,Zm9yZ2Vk"}, "forged"),
        ({signing.SIGNATURE: "v1,\u2713"}, "forged"),
    ],
)
def test_what_is_not_believed(change: dict[str, str], code: str) -> None:
    with pytest.raises(BadSignatureError) as refused:
        verify([SECRET], {**headers_for(SECRET, MESSAGE, AT, BODY), **change}, BODY, now=AT)
    assert refused.value.code == code


def test_another_body_is_not_believed() -> None:
    with pytest.raises(BadSignatureError):
        verify([SECRET], headers_for(SECRET, MESSAGE, AT, BODY), BODY + b" ", now=AT)


def test_secrets_are_long_and_never_the_same() -> None:
    assert len(key_of(new_secret())) == 32
    assert new_secret() != new_secret()
    for bad in ("whsec_short", "whsec_!!!", ""):
        with pytest.raises(ValueError, match=r"base64|short"):
            key_of(bad)
