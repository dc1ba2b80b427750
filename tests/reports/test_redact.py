"""Redacted names are short ASCII and identify no visitor. Names that people give stay."""

import base64
import json
import string
from random import Random
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cookiegate.advice.trackers import TRACKERS
from cookiegate.reports import redact_name
from cookiegate.reports.redact import MAX_NAME, escape_route, redact_subject
from cookiegate.reports.tally import OTHERS

ALPHABETS = {
    "base62": string.ascii_letters + string.digits,
    "base64url": string.ascii_letters + string.digits + "-_",
    "base58": "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
    "base36": string.ascii_lowercase + string.digits,
    "base32": string.ascii_uppercase + "234567",
    "Crockford": "0123456789ABCDEFGHJKMNPQRSTVWXYZ",
    "hexadecimal": "0123456789abcdef",
    "digits": string.digits,
    "letters": string.ascii_letters,
    "capitals": string.ascii_uppercase,
}
#: Cookies of well-known services and frameworks, as browsers have them.
REAL = """
_ga _gid _gcl_au __utmz _fbp c_user presence DSID test_cookie CONSENT SOCS 1P_JAR SAPISID
VISITOR_INFO1_LIVE LOGIN_INFO li_gc UserMatchHistory AnalyticsSyncHistory JSESSIONID PHPSESSID
ASP.NET_SessionId .ASPXAUTH .AspNetCore.Session __RequestVerificationToken CFTOKEN laravel_session
XSRF-TOKEN remember_web csrftoken sessionid messages django_language session remember_token
connect.sid next-auth.session-token __Host-next-auth.csrf-token NEXT_LOCALE i18n_redirected
darkMode currency cookieconsent_status cookie-agreed CookieConsent OptanonAlertBoxClosed
euconsent-v2 usprivacy didomi_token CookieLawInfoConsent viewed_cookie_policy moove_gdpr_popup
wordpress_test_cookie woocommerce_items_in_cart woocommerce_recently_viewed form_key
mage-cache-sessid section_data_ids X-Magento-Vary guest-view _shopify_s _landing_page
_orig_referrer secure_customer_sig __stripe_mid __cf_bm cf_clearance AWSALBCORS
ARRAffinitySameSite SERVERID BIGipServer incap_ses rum_session ajs_anonymous_id hubspotutk
intercom-session crisp-client hjid _hjAbsoluteSessionInProgress _uetsid personalization_id
auth_token utag_main mailchimp_landing_site ds_actor fastapiusersauth starlette_admin_csrftoken
access_token_cookie csrf_refresh_token mfa_trusted auth_tkt session_id hasSeenTour
sidebarCollapsed newsletter_dismissed lastVisitedProduct user_preferences basket_items
age_verified ab_test_group preferredStore deliveryPostcode kundvagn senaste_besok warenkorb
anmeldung handlekurv ostoskori panier carrito winkelwagen billogram_session swish_payment
tableSortOrder grid-view showAdvancedSearch stay_logged_in returnUrl oauth_state oauth2_nonce
pkce_verifier AUTH_SESSION_ID KC_RESTART _oauth2_proxy grafana_session jupyter-hub-token
username-localhost
"""


@pytest.mark.parametrize(
    ("name", "redacted"),
    [
        ("", ""),
        ("_ga", "_ga"),
        # Numbers.
        ("cart_7", "cart_*"),
        ("cart_12345", "cart_*"),
        ("cart4711", "cart*"),
        ("prefs[42]", "prefs[*]"),
        ("tel_+46 70-123 45 67", "tel_+*"),
        ("at_10.0.0.1", "at_*"),
        ("v_2001:db8::ff00:42:8329", "v_*"),
        ("mac_00:1A:2b:3c:4D:5e", "mac_*"),
        ("day_٣٤٥", "day_*"),
        # A digit that belongs to a word stays.
        ("oauth2_state", "oauth2_state"),
        ("sha256_seed", "sha256_seed"),
        ("1P_JAR", "1P_JAR"),
        # Random tokens.
        ("deadbeef", "*"),
        ("access-token-qB-seR4p1i2WJmKJH876", "access-token-*"),
        ("access-token-unsecure-V1StGXR8_Z5jdHi6B-myT", "access-token-unsecure-*"),
        ("x_01ARZ3NDEKTSV4RRFFQ69G5FAV", "x_*"),
        ("cjld2cjxh0000qzrmn831i7rn", "*"),
        ("ASPSESSIONIDQCBQTRBT", "ASPSESSIONID*"),
        ("wordpress_logged_in_0123456789abcdef0123456789abcdef", "wordpress_logged_in_*"),
        ("id-550e8400-e29b-41d4-a716-446655440000", "id-*"),
        ("{550E8400-E29B-41D4-A716-446655440000}", "{*}"),
        ("t_\udc8f\udc9a", "t_*"),
        ("a\tb", "a*"),
        # Email addresses, in full and percent-encoded.
        ("cart_user@example.com", "cart_*"),
        ("cart-user@example.com", "cart-*"),
        ("u_alice.smith@example.com", "u_*"),
        ("u_support.alice+tag@mail.example.co.uk_seen", "u_*_seen"),
        ("wishlist_alice%40example.org", "wishlist_*"),
        ("alice@example.com", "*"),
        ("cart:alice@localhost", "cart:*"),
        ("wishlist_alice_smith42@example.com", "wishlist_*"),
        # A service's own pattern, where less than that can be shown.
        ("_ga_ABC123XYZ", "_ga_*"),
        ("_ga_G1A2B3C4D5", "_ga_*"),
        ("_gat_UA-123456-1", "_gat_*"),
        ("ph_phc_Ab3dE9fGh1jKlMnOpQrStUvWxYz_posthog", "ph_*_posthog"),
        ("amplitude_id_0123456789abcdefexample.com", "amplitude_id*"),
        ("_hjSession_0a1B2c3D", "_hjSession_*"),
        # Other characters.
        ("prefs[theme]", "prefs[theme]"),
        ("what?", "what?"),
        ("~G{$V}#y", "*"),
        ("kü", r"k\xc3\xbc"),
        ("språk", r"spr\xc3\xa5k"),
        (r"session\token", r"session\x5ctoken"),
        ("session-" * 7, "session-" * 7),
        ("session-" * 9, ("session-" * 8)[:61] + "..."),
        ("日本語", "*"),
        ("İ" * 9, "*"),
    ],
)
def test_a_name_is_redacted(name: str, redacted: str) -> None:
    assert redact_name(name) == redacted


@pytest.mark.parametrize(
    "name", [*REAL.split(), *(n for one in TRACKERS for n in one.names if "*" not in n)]
)
def test_names_that_people_give_stay(name: str) -> None:
    assert redact_name(name) == name


@st.composite
def tokens(draw: st.DrawFn) -> str:
    """Draw a random token. Hypothesis itself would draw words."""
    random = Random(draw(st.integers(0, 2**64)))
    alphabet = ALPHABETS[draw(st.sampled_from(sorted(ALPHABETS)))]
    return "".join(random.choices(alphabet, k=draw(st.integers(8, 64))))


@given(token=tokens(), before=st.sampled_from(["", "x_", "cart-", "access_token.", "prefs["]))
def test_no_random_token_stays(token: str, before: str) -> None:
    redacted = redact_name(before + token)
    rest = redacted.removeprefix(before)
    assert not any(token[at : at + 8] in rest for at in range(len(token) - 7))
    assert redacted.startswith(before.rstrip("[_-."))


@given(number=st.uuids(), upper=st.booleans(), separator=st.sampled_from(["-", "", "_"]))
def test_no_uuid_stays(number: UUID, upper: bool, separator: str) -> None:
    text = str(number).replace("-", separator)
    assert redact_name("cart_" + (text.upper() if upper else text)) == "cart_*"


@given(subject=st.integers(1, 10**9), signature=st.binary(min_size=32, max_size=32))
@example(subject=1, signature=bytes(30) + b">\x13")
def test_no_jwt_stays(subject: int, signature: bytes) -> None:
    parts = (b'{"alg":"HS256"}', json.dumps({"sub": subject}).encode(), signature)
    token = ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
    assert redact_name(f"jwt_{token}") == "jwt_*"


_PART = st.text(string.ascii_lowercase, min_size=1, max_size=9)


@given(
    local=st.lists(_PART, min_size=1, max_size=3).map(".".join),
    host=_PART,
    top=st.sampled_from(["com", "se", "co.uk"]),
    before=st.sampled_from(["", "cart_", "u_", "user-"]),
    sign=st.sampled_from(["@", "%40"]),
)
def test_no_email_address_stays(local: str, host: str, top: str, before: str, sign: str) -> None:
    redacted = redact_name(f"{before}{local}{sign}{host}.{top}")
    assert redacted in (f"{before}*", f"{before}*.")


@given(st.binary(max_size=200).map(lambda raw: raw.decode("utf-8", "surrogateescape")))
def test_a_redacted_name_is_short_printable_ascii_and_holds_no_long_number(name: str) -> None:
    redacted = redact_name(name)
    assert len(redacted) <= MAX_NAME
    assert redacted.isascii()
    assert redacted.isprintable()
    without_escapes = redacted.replace("\\x", "\0")
    digits = [one if one in string.digits else " " for one in without_escapes]
    assert all(len(run) <= 3 for run in "".join(digits).split())


def test_a_name_of_a_megabyte_is_read_in_part() -> None:
    assert redact_name("session-" * 100_000) == ("session-" * 8)[:61] + "..."
    assert redact_name("x" * 1_000_000) == "*"
    assert redact_name("session_" + "-" * 1_000_000) == "session_" + "-" * 53 + "..."


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("cart_*", "cart_*"),
        ("cart_user@example.com", "cart_*"),
        ("access-token-qB-seR4p1i2WJmKJH876", "access-token-*"),
        ("\x1b[31msession", "*msession"),
        ("session\n", "session*"),
        (r"k\xc3\xbc", r"k\xc3\xbc"),
        ("schön", r"sch\xc3\xb6n"),
        (("session-" * 8)[:61] + "...", ("session-" * 8)[:61] + "..."),
        ("session-" * 7 + "qwxzkq...", "session-" * 7 + "*"),
        (OTHERS, OTHERS),
    ],
)
def test_a_stored_name_is_redacted_again(stored: str, shown: str) -> None:
    assert redact_subject(stored) == shown


def test_a_route_keeps_its_digits_and_is_short() -> None:
    assert escape_route("/v1/20261124/<int:id>") == "/v1/20261124/<int:id>"
    assert len(escape_route("/ü" * 500)) <= 128
