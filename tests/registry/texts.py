"""Registry texts for the tests, and the problems they have."""

from cookiegate.registry import Registry, RegistryError

__all__ = ["FULL", "TOP", "parse", "problems"]

# The least that loads, on lines 1 to 5.
TOP = """\
[site]
name = "Shop"
languages = ["en", "sv"]
[categories.essential]
required = true
"""

# Every key there is.
FULL = """\
[site]
name = "Shop"
id = "shop"
languages = ["en", "sv"]
version = 3
updated = 2026-11-24
consent_days = 90
refusal_days = 180
catalogs = "locale"
shares_host = true
granularity = "service"

[controller]
name = "Shop AB"
email = "privacy@shop.example"
address = "Street 1, Stockholm"
dpo = "dpo@shop.example"
privacy_policy.en = "https://shop.example/privacy"

[[authorities]]
name = "IMY"
url = "https://www.imy.se"
country = "SE"
oversees = ["data", "cookies"]

[policy]
mode = "report"
unknown = "allow"
lifetime = "clamp"
signals = { dnt = "ignore", gpc = "confirm" }
same_site_none = "mend"
sweep = "report"
request_cookies = "hide"
clear_site_data = "storage"
csp = "off"
added_csp = "script-src 'self'"
advanced_consent_mode = "Our counsel said so."
floor = { secure = true, same_site = "lax" }

[ledger]
keep = "3 years"

[categories.essential]
required = true
title.en = "Essential"
title.sv = "Nödvändiga"
description.en = "The shop needs them."
floor.http_only = true

[categories.analysis]
consent_mode = ["analytics_storage"]
title.en = "Analysis"
without.en = "Nothing changes for you."
survives_signal = ["dnt"]
floor = { same_site = "none", partitioned = true }
mode = "enforce"

[categories.functional]
survives_signal = true

[services.counter]
name = "The Counter"
provider = "Counter Inc."
category = "analysis"
domains = ["counter.example", ".Counter.example.org"]
links = [
    { kind = "policy", url = "https://counter.example/privacy" },
    { kind = "opt_out", url = "https://counter.example/out" },
]
sources = ["https://cdn.counter.example", "*.counter.example"]
purpose.en = "Counts visits."

[[cookies]]
name = "session"
category = "essential"
expires = "session"
set_by = "server"
label.en = "Session"
purpose.en = "Keeps you logged in."
when.en = "once you log in"
necessary.en = "Without it you cannot log in."
floor = { http_only = false, same_site = "strict" }

[[cookies]]
name = ["_c", "_c_*"]
service = "counter"
path = "/shop"
expires = "2 years"
unconfirmed = true

[[cookies]]
name = "_c_id[0-9]+"
service = "counter"
category = "functional"
domain = "shop.example"
kind = "local_storage"
purpose.en = ["Counts visits.", "Remembers the last one."]
purpose.sv = "Räknar besök."
"""


def parse(rest: str = "", top: str = TOP) -> Registry:
    return Registry.parse(top + rest)


def problems(rest: str, top: str = TOP) -> list[str]:
    """Return the problems of a text as ``line: what; hint``, lines counted from its own first."""
    try:
        Registry.parse(top + rest, source="")
    except RegistryError as error:
        first = top.count("\n")
        for problem in error.problems:
            assert 1 <= problem.line <= (top + rest).count("\n") + 1
        return [f"{one.line - first}: {one.what}; {one.hint}" for one in error.problems]
    return []
