"""Names of cookies that well-known scripts set on the widest domain that a browser accepts.

On `www.shop.example`, such a script sets its cookie for `shop.example`, and so for all hosts below
it. The names are from the services' documentation. Services that set their cookies for one host
unless they are configured, such as Matomo, are not among them.
"""

from __future__ import annotations

from typing import Final

__all__ = ["is_on_widest_domain"]

_EXACT: Final = frozenset(
    (
        # Google Analytics, Ads and Ad Manager.
        *(b"_ga", b"_gid", b"_gat", b"__utma", b"__utmb", b"__utmc", b"__utmt", b"__utmv"),
        *(b"__utmz", b"__gads", b"__gpi"),
        # Meta, LinkedIn, Microsoft, Pinterest, Reddit, Snapchat, TikTok, X.
        *(b"_fbp", b"_fbc", b"li_fat_id", b"_clck", b"_clsk", b"_uetsid", b"_uetvid"),
        *(b"_uetmsclkid", b"_pin_unauth", b"_epik", b"_rdt_uuid", b"_scid", b"_ttp", b"_twclid"),
        # HubSpot, Klaviyo, Marketo, Quantcast, Tealium.
        *(b"hubspotutk", b"__hstc", b"__hssc", b"__hssrc", b"__kla_id", b"_mkto_trk", b"__qca"),
        b"utag_main",
    )
)
_BEGINNINGS: Final = (
    # Google.
    *(b"_ga_", b"_gat_", b"_gcl_", b"_gac_"),
    # Adobe, Amplitude, Heap, Hotjar, Intercom, Segment, TikTok, VWO, Yandex.
    *(b"AMCV_", b"AMCVS_", b"AMP_", b"_hp2_", b"_hj", b"intercom-", b"ajs_", b"_tt_"),
    *(b"_vwo_", b"_vis_opt_", b"_ym_"),
)
# Mixpanel and PostHog write the project's token between the two.
_ENDS: Final = ((b"mp_", b"_mixpanel"), (b"ph_", b"_posthog"))


def is_on_widest_domain(name: bytes) -> bool:
    """Return whether a cookie of this name, or of this pattern, is set on the widest domain."""
    return (
        name in _EXACT
        or name.startswith(_BEGINNINGS)
        or any(name.startswith(start) and name.endswith(end) for start, end in _ENDS)
    )
