"""Registries that tests share."""

from typing import Any

from cookiegate import Gate, Registry

#: 2026-11-24 12:00:00 UTC, in Unix seconds: the time in tests.
NOON = 1_795_521_600
DAY = 86_400
KEY = "a key for the tests, of some length"

SHOP = """
[site]
name = "Shop"
id = "shop"
languages = ["en"]
version = 3

[policy]
{policy}

[categories.essential]
required = true
[categories.functional]
survives_signal = true
[categories.comfort]
survives_signal = ["dnt"]
[categories.analysis]
{analysis}
[categories.marketing]
[categories.empty]

[services.google]
provider = "Google"
category = "marketing"
domains = ["google.com", "google.se"]

[[cookies]]
name = ["sid", "session.[0-9]+"]
category = "essential"
expires = "session"
[[cookies]]
name = "cart"
category = "essential"
expires = "30 days"
[[cookies]]
name = "csrf"
category = "essential"
floor.http_only = false
[[cookies]]
name = "lang"
category = "functional"
expires = "never"
[[cookies]]
name = "theme"
category = "comfort"
[[cookies]]
name = "prefs[theme]"
category = "comfort"
[[cookies]]
name = "_ga"
category = "analysis"
expires = "730 days"
[[cookies]]
name = "_gat_*"
category = "analysis"
expires = "1 minute"
[[cookies]]
name = "_fbp"
category = "marketing"
expires = "90 days"
[[cookies]]
name = "küche"
category = "marketing"
[[cookies]]
name = "SID"
service = "google"
[[cookies]]
name = "SID"
category = "essential"
domain = "shop.example"
[[cookies]]
name = "NID"
service = "google"
[[cookies]]
name = "ls_only"
category = "essential"
kind = "local_storage"
"""


def shop(policy: str = "", analysis: str = "") -> Registry:
    """Return the shop's registry, with more lines in [policy] and [categories.analysis]."""
    return Registry.parse(SHOP.format(policy=policy, analysis=analysis))


SERVICES = """
[site]
name = "Shop"
id = "shop"
languages = ["en"]
granularity = "{granularity}"

[policy]
{policy}

[categories.essential]
required = true
[categories.analysis]
[categories.marketing]
survives_signal = ["dnt"]
[categories.empty]

[services.stripe]
category = "essential"
[services.counter]
name = "The counter"
provider = "Counter Ltd"
category = "analysis"
sources = ["https://counter.example"]
[services.heat_maps]
category = "analysis"
sources = ["https://maps.example"]
links = [{{ kind = "policy", url = "https://maps.example/privacy" }}]
[services.ads]
provider = "Ads Inc"
category = "marketing"
domains = ["ads.example"]
[services.videos]
category = "marketing"
sources = ["https://videos.example"]
[services.loose]

[[cookies]]
name = "sid"
category = "essential"
[[cookies]]
name = "pay"
service = "stripe"
[[cookies]]
name = ["_count", "_count_*"]
service = "counter"
[[cookies]]
name = "_map"
service = "heat_maps"
[[cookies]]
name = "_own"
category = "analysis"
[[cookies]]
name = "_both"
service = "counter"
[[cookies]]
name = "_both"
service = "heat_maps"
domain = "maps.example"
[[cookies]]
name = "map_keys"
service = "heat_maps"
kind = "local_storage"
[[cookies]]
name = "_ad"
service = "ads"
[[cookies]]
name = "_seen"
service = "counter"
category = "marketing"
"""


def services(granularity: str = "service", policy: str = "") -> Registry:
    """Return a registry whose optional categories have several services."""
    return Registry.parse(SERVICES.format(granularity=granularity, policy=policy))


def gate_for(registry: Registry | None = None, **options: Any) -> Gate:
    """Return a gate whose clock stands at noon."""
    return Gate(registry or shop(), KEY, **{"clock": lambda: float(NOON), **options})


def cookie_header(*set_cookies: str) -> tuple[bytes, bytes]:
    """Return the Cookie header of a browser that got these Set-Cookie values."""
    return b"cookie", "; ".join(value.partition(";")[0] for value in set_cookies).encode()
