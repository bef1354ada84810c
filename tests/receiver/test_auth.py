"""The secret of a request: compared, reported, and kept nowhere."""

from hypothesis import given
from hypothesis import strategies as st

from okhook.receiver.inbox import check_auth, masked, refusal
from okhook.records.record import AuthOutcome
from okhook.secret import HIDDEN, HookAuth, Secret

AUTH = HookAuth("X-Hook-Key", Secret("s3cret-value"))
header_text = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1)


def test_no_secret_set_asks_for_none() -> None:
    """Without a secret every request is let in, and marked as not asked."""
    assert check_auth(((b"authorization", b"x"),), None) is AuthOutcome.NOT_ASKED


def test_the_field_is_found_in_any_case() -> None:
    """Header names have no case; the value has."""
    assert check_auth(((b"x-HOOK-key", b"s3cret-value"),), AUTH) is AuthOutcome.MATCHED
    assert check_auth(((b"x-hook-key", b"S3CRET-VALUE"),), AUTH) is AuthOutcome.DID_NOT_MATCH


def test_the_right_value_in_another_header_does_not_do() -> None:
    """The secret counts in the configured header alone."""
    assert check_auth(((b"authorization", b"s3cret-value"),), AUTH) is AuthOutcome.DID_NOT_MATCH


@given(secret=header_text, candidate=st.binary())
def test_only_the_very_value_matches(secret: str, candidate: bytes) -> None:
    """Whatever else stands in the header is refused."""
    auth = HookAuth("Authorization", Secret(secret))
    matched = check_auth(((b"authorization", candidate),), auth) is AuthOutcome.MATCHED
    assert matched is (candidate == secret.encode())


def test_the_refusal_tells_missing_from_wrong_and_gives_nothing_away() -> None:
    """Someone who set it up wrongly learns what is wrong; the value is not repeated."""
    assert "missing" in refusal((), AUTH)
    wrong = refusal(((b"x-hook-key", b"guess"),), AUTH)
    assert "not the one" in wrong
    assert "guess" not in wrong
    assert "s3cret" not in wrong


@given(secret=header_text.filter(lambda s: len(s) > 5), before=st.binary(), after=st.binary())
def test_no_masked_header_holds_the_secret(secret: str, before: bytes, after: bytes) -> None:
    """Wherever the secret stands in a header, it is not kept."""
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
    """An Authorization header is a credential even where this receiver asks for none."""
    kept = masked(((b"authorization", b"Basic abc"), (b"accept", b"*/*")), None)
    assert kept == ((b"authorization", HIDDEN), (b"accept", b"*/*"))
