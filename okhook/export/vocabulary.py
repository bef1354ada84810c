"""The words that say nothing about an org: Okta's, HTTP's, and those that sentences are made of.

Whatever is not made of these words alone is taken for something that identifies somebody.
"""

import re
from typing import Final

from okhook.wire.event_types import eligible

_OKTA: Final = """
a2aserver abandoned activated active actor ad adaptive address agent agents alternate always
anomalous anonymous api apps as asn assertion async attribute attributes authenticators
authorization authorizer automatic bad behaviors blockchain bot brand browser callback canceled
cancelled certificate chain challenge changed changes city classic clients cloud code context
cookie count country created credentials custom deactivated debug decline default deferred deleted
denied desktop destination detail details detection deviceless devices directory disabled disk
display domain done dt duo dynamic email enabled encryption engine enrolled entity entry enum
environment evaluated evaluation event events exceeded expiration expired expires external factors
failed failure false federation fingerprint first flow found full general generic geo geographical
geolocation given google grants groups hardware hash headers high history hook hooks ids idx import
info initial input insertion instance integration integrator intent interact interface internal
introspect invalid invalidated ip isp issuer iwa jailbreak job jwt keys known last lat ldap legacy
level link linked list local locale location locked login logins logout logs lon low magic managed
manual many maximum me medium messages method mfa middle mobile model modified name names negative
network new next nick none null number oauth oidc oie okhook okta operation operator options order
org orgs os other otp outcome own parameter parameters partial passed passwordless passwords
pattern pending platform poll positive possession postal pre present previous primary principal
privileged process product profiles property protection provisioning proxy public published query
question raw reason reasons recovery redirect reference refresh registered rejected release removed
requested requests residential response result results retry revoked right roles root rsa rules
saml sample screen script second secondary secure security self server service sessions severity
shared signed signon single skipped source ssl status step strength success suspected suspended swa
symantec symmetric system tablet target targets temporary test threat time timed timestamp tls
token tokens tor transaction true type types udid unanswered unenrolled unknown unlocked
unregistered unsuspended updated uri url user userinfo username users uuid v1 v2 v3 v4 v6 value
values verified verify version versions via visible vpn warn weak web webauthn well wildcard yes
yubikey zone zones
"""

_SYSTEM_LOG: Final = """
accounts acknowledged added adds agentless analytics applied apply appuser assigned assurance
attack attestation authorize auto batch binding blocked bootstrap broker bulk bypass capacity
captcha cert checkin checkout claim classify cleanup command company completed concurrency config
configured conflict connect connector consents contact continuous conversion converted core
creation creds critical csv deassign debugger delegated delegatedflow deleting deletion deprovision
disconnect discovered discovery displayname download downloaded due duplicate ended enforce errors
evaluate exclude exclusion execute execution exists expiry export expression extend failover
feature feedback file files finalize finish folder generate handle heartbeat hold identifier
ignored impersonation imported importing inaccessible inbound include incoming incremental inter
interaction invitation invoke issue kerberos labels licenses limits listener logo longer mail
mailbox make malicious manage mappings master match matching max meets member memberships mim
mismatch missing mode move multiple needed notification notify objects offline online open outbound
outgoing overwrite package personal pin pki plugin policies pools posture processed processing
project protected provide publish pushed radius realm reassign reauthorize receive reconcile
reconnect registration remediation removal rename renewed reports required reschedule reserved
restore resulted resume reuse reveal rollover rotate rotation run safeguard save schema search
secrets selector set setup show signals signin signout skip skipping snapshot sources staged
started stopped succeeded successful summary support suspension task telemetry template temporarily
theme topology tracking transmitter trigger triggered truststore unable unassigned unauth
unavailable unbind unbound unconfigured unconfirmed unmanaged updates updating upload usage valid
validation view workflows would write x509
"""
"""What is left of the words of event types that hooks cannot have yet, and of their messages."""

_HTTP: Final = """
accept age alive android applewebkit application authority boundary br cache charset chrome
chromeos close compress computer connection content control data date deflate delivery edge encoded
encoding endpoint etag eventid expect firefox for form forwarded gateway gecko get gzip head
hookdeck host html http https id identity index internet ios ipad iphone json keep khtml language
length like linux localhost mac macintosh macos mozilla multipart octet opera original patch path
plain port post pragma proto protocol put q range referer request requestid rest safari scheme size
stream te text trace traceparent trailer transfer ubuntu upgrade urlencoded utf verification
webhook webhooks windows www x xml zstd
"""

_SENTENCES: Final = """
a about after again against all already also an and another any are array at attempt attempted
attempts be because been before body boolean broken but by bytes came can cannot carries carry char
character column could deeply delimiter did do does double during each empty enclosed end error
escape every expecting expects extra field fired from had has have header how if in into is it its
least line made may more most must nested no nobody not nothing now object of off on once one only
or out over peer pipe quotes read receiver refused reset s same secret seen sent should so string
than that the their them then there this timeout to too trailing trying twice unterminated until up
use used using verifies was were what when where which while who with within without wrong
"""

_PROFILE: Final = """
center cost department division employee family honorific locality manager organization phone
preferred prefix profile region state street suffix timezone title zip
"""
"""Names of members. They are no names of people: what stands in such a member is replaced whole."""

WORDS: Final = frozenset(
    word
    for source in (_OKTA, _SYSTEM_LOG, _HTTP, _SENTENCES, _PROFILE, *eligible())
    for word in re.split(r"[\s._]+", source.casefold())
    if word
)

_HUMPS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def is_vocabulary(token: str) -> bool:
    """Tell whether a token is made of known words: ``users``, ``RATE_LIMIT``, ``eventType``."""
    return all(_is_known(part) for part in token.split("_") if part)


def _is_known(part: str) -> bool:
    if part.casefold() in WORDS:
        return True
    humps = _HUMPS.findall(part)
    return "".join(humps) == part and all(
        len(hump) > 1 and hump.casefold() in WORDS for hump in humps
    )
