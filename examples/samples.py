"""What the example shops set: one cookie for each entry of registry/billogram.toml.

The names are real, and the lifetimes are those of the registry, so that no cookie outlives what the
policy page says. All values are made up. The cookies have no Domain, so that a browser on 127.0.0.1
can store them.
"""

from typing import NamedTuple

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR
MONTH = 30 * DAY
YEAR = 365 * DAY


class Sample(NamedTuple):
    """One cookie: name, value, and seconds to live (None: until the browser closes)."""

    name: str
    value: str
    max_age: int | None
    script: bool = False  # a script reads it, so it is not HttpOnly

    def header(self) -> str:
        """Write the Set-Cookie value."""
        parts = [f"{self.name}={self.value}", "Path=/"]
        if self.max_age is not None:
            parts.append(f"Max-Age={self.max_age}")
        parts.append("SameSite=Lax")
        if not self.script:
            parts.append("HttpOnly")
        return "; ".join(parts)


# The front page: cookies for the site itself, for statistics, and for marketing.
FRONT = (
    Sample("csrftoken", "m4Zk81vQe0", YEAR),
    Sample("access_token", "eyJhbGciOiJub25lIn0.e30.", HOUR),
    Sample("language", "en", 30 * DAY, script=True),
    Sample("demouuid", "5b0f2c1e-8a41-4d0e", 10 * YEAR, script=True),
    Sample("PN_First_Page_Visited", "front", 11 * YEAR, script=True),
    Sample("pi_visitorid", "123", 11 * YEAR, script=True),
    Sample("ajs_user_id", "null", 9 * MONTH, script=True),
    Sample("ajs_group_id", "null", 9 * MONTH, script=True),
    Sample("ajs_anonymous_id", "%22d0c6-77aa%22", 9 * MONTH, script=True),
    Sample("_ga", "GA1.2.1350081.1795500000", 730 * DAY, script=True),
    Sample("_gat_UA-19061048-2", "1", None, script=True),
    Sample("_gat_gtag_UA_19061048_2", "1", None, script=True),
    Sample("_gid", "GA1.2.7002511.1795500000", DAY, script=True),
    Sample("_hjIncludedInSample", "1", None, script=True),
    Sample("visitor_id123", "917733", 5 * YEAR, script=True),
    Sample("pi_opt_in", "true", 5 * YEAR, script=True),
    Sample("visitor_id123-hash", "9e107d9d372bb6826bd81d3542a419d6", 5 * YEAR, script=True),
    Sample("lpv_123", "aHR0cDovLzEyNy4wLjAuMS8", 30 * MINUTE, script=True),
    Sample("pardot", "k2f9t0q7", None),
)

# A product page: the advertising networks want to know who looked at what.
PRODUCT = (
    Sample("cmp4711", "1", 30 * DAY, script=True),
    Sample("1P_JAR", "2026-11-24-08", MONTH),
    Sample("HSID", "AkQ2x0", 2 * YEAR),
    Sample("NID", "511=Zx81", 6 * MONTH),
    Sample("SID", "g.a000", 2 * YEAR),
    Sample("CONSENT", "PENDING+404", 20 * YEAR),
    Sample("SAPISID", "q7Wd/Ab1", 2 * YEAR),
    Sample("SIDCC", "AKEyXz", 3 * MONTH),
    Sample("SSID", "Ad0-x", 2 * YEAR),
    Sample("UserMatchHistory", "AQJp", 30 * DAY),
    Sample("li_sugr", "c9a0-11f2", 3 * MONTH),
    Sample("li-oatml", "AQGj", MONTH),
    Sample("li_fat_id", "0e8b-77c1", MONTH),
    Sample("U", "b1d4-90aa", 3 * MONTH),
    Sample("iztid", "7f3a", YEAR),
    Sample("izcid", "20c5", YEAR),
    Sample("_fbp", "fb.1.1795500000000.812345678", 90 * DAY, script=True),
    Sample("fr", "0aBcDeF", 90 * DAY),
    Sample("_fbc", "fb.1.1795500000000.AbCdEf", 90 * DAY, script=True),
)

# The checkout: the payment session and the card company's fraud protection.
CHECKOUT = (
    Sample("billopay_session", "f0a1c2", 5 * MINUTE),
    Sample("efaktura", "1", None),
    Sample("__stripe_mid", "2d9e-41b7", YEAR, script=True),
    Sample("__stripe_sid", "88c0-5af3", 30 * MINUTE, script=True),
    Sample("machine_identifier", "0b7a", 30 * MINUTE),
    Sample("private_machine_identifier", "c4d1", YEAR),
    Sample("cookie-perms", "1", 6 * MONTH),
)

SAMPLES = (*FRONT, *PRODUCT, *CHECKOUT)


def headers_for(path: str) -> list[str]:
    """Return the Set-Cookie values that the application sends with a page."""
    page: tuple[Sample, ...] = ()
    if path == "/":
        page = FRONT
    elif path.startswith("/goods/"):
        page = PRODUCT
    elif path == "/checkout":
        page = CHECKOUT
    return [sample.header() for sample in page]
