"""Registries that tests share."""

__all__ = ["ANALYSIS", "GOOD", "WITH_SERVICE"]

SITE = """[site]
name = "S"
languages = ["en", "sv"]
refusal_days = 180
[controller]
name = "S Ltd"
email = "s@example.com"
[[authorities]]
name = "DPA"
[categories.essential]
required = true
title = { en = "Essential", sv = "Nödvändigt" }
description = { en = "d", sv = "d" }
[categories.analysis]
title = { en = "Analysis", sv = "Analys" }
description = { en = "d", sv = "d" }
without = { en = "w", sv = "w" }
"""
ESSENTIAL = """[[cookies]]
name = "sid"
category = "essential"
expires = "session"
purpose = { en = "p", sv = "p" }
necessary = { en = "n", sv = "n" }
"""
ANALYSIS = """[[cookies]]
name = "visits"
category = "analysis"
expires = "30 days"
purpose = { en = "p", sv = "p" }
"""
GOOD = SITE + ESSENTIAL + ANALYSIS

#: A registry with a line of [policy] and a line of the last entry to fill in.
WITH_SERVICE = """[site]
name = "S"
languages = ["en"]
[policy]
{policy}
[categories.essential]
required = true
[categories.analysis]
[services.count]
category = "analysis"
sources = ["https://count.example"]
[[cookies]]
name = "sid"
category = "essential"
[[cookies]]
name = "visits"
service = "count"
{line}
"""
