"""The secret of a request: compared, explained, and never stored."""

from hypothesis import given
from hypothesis import strategies as st

from okhook.receiver.inbox import check_auth, masked, refusal
from okhook.records.record import AuthOutcome
from okhook.secret import HIDDEN, HookAuth, Secret

AUTH = HookAuth("X-Hook-Key", Secret("s3cret-value"))
header_text = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1)


def test_without_a_secret_every_request_is_accepted() -> None:
    """Without a secret every request is accepted, and marked as not asked."""
    assert check_auth(((b"authorization", b"x"),), None) is AuthOutcome.NOT_ASKED


def test_the_field_is_found_in_any_case() -> None:
    """The header's name is not case-sensitive; its value is."""
    assert check_auth(((b"x-HOOK-key", b"s3cret-value"),), AUTH) is AuthOutcome.MATCHED
    assert check_auth(((b"x-hook-key", b"S3CRET-VALUE"),), AUTH) is AuthOutcome.DID_NOT_MATCH


def test_the_secret_in_another_header_does_not_match() -> None:
    """Only the configured header counts."""
    assert check_auth(((b"authorization", b"s3cret-value"),), AUTH) is AuthOutcome.DID_NOT_MATCH


@given(secret=header_text, candidate=st.binary())
def test_only_the_same_value_matches(secret: str, candidate: bytes) -> None:
    """Every other value is refused."""
    auth = HookAuth("Authorization", Secret(secret))
    matched = check_auth(((b"authorization", candidate),), auth) is AuthOutcome.MATCHED
    assert matched is (candidate == secret.encode())


def test_the_reason_distinguishes_a_missing_secret_from_a_wrong_one() -> None:
    """The reason says whether it is missing or wrong, without its value."""
    assert "missing" in refusal((), AUTH)
    wrong = refusal(((b"x-hook-key", b"guess"),), AUTH)
    assert "not the one" in wrong
    assert "guess" not in wrong
    assert "s3cret" not in wrong


@given(secret=header_text.filter(lambda s: len(s) > 5), before=st.binary(), after=st.binary())
def test_no_masked_header_contains_the_secret(secret: str, before: bytes, after: bytes) -> None:
    """A header with the secret in any place is hidden."""
    auth = HookAuth("X-Hook-Key", Secret(secret))
    headers = (
        (b"x-hook-key", secret.encode()),
        (b"x-copied", before + secret.encode() + after),
        (b"accept", b"application/json"),
    )
    kept = masked(headers, auth)
    assert kept[:2] == ((b"x-hook-key", HIDDEN), (b"x-copied", HIDDEN))
    assert [name for name, _ in kept] == [name for name, _ in headers]


def test_credentials_are_hidden_without_a_secret_too() -> None:
    """An Authorization header is hidden even if the receiver expects no secret."""
    kept = masked(((b"authorization", b"Basic abc"), (b"accept", b"*/*")), None)
    assert kept == ((b"authorization", HIDDEN), (b"accept", b"*/*"))
