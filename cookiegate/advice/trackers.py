"""Names under which well-known services store something to recognise or measure visitors.

General knowledge, from the services' own documentation; a name is a hint and proves nothing.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Final, NamedTuple

__all__ = ["Tracker", "known_tracker"]


class Tracker(NamedTuple):
    """A service that is known by the names of its cookies."""

    #: An id that a registry could give it.
    service: str
    provider: str
    #: What it is usually for: "analysis" or "marketing".
    category: str
    #: `*` is any run of characters.
    names: tuple[str, ...]


_TRACKERS: Final = (
    Tracker("google_analytics", "Google", "analysis", ("_ga", "_ga_*", "_gid", "_gat", "_gat_*")),
    Tracker("google_ads", "Google", "marketing", ("_gcl_*", "IDE", "DSID", "test_cookie", "NID")),
    Tracker("youtube", "Google", "marketing", ("YSC", "VISITOR_INFO1_LIVE")),
    Tracker("meta_pixel", "Meta", "marketing", ("_fbp", "_fbc", "fr")),
    Tracker("hotjar", "Hotjar", "analysis", ("_hj*",)),
    Tracker("clarity", "Microsoft", "analysis", ("_clck", "_clsk")),
    Tracker("microsoft_ads", "Microsoft", "marketing", ("_uetsid", "_uetvid", "MUID")),
    Tracker(
        "linkedin",
        "LinkedIn",
        "marketing",
        ("li_*", "bcookie", "bscookie", "lidc", "UserMatchHistory", "AnalyticsSyncHistory"),
    ),
    Tracker("tiktok", "TikTok", "marketing", ("_ttp", "_tt_*")),
    Tracker("pinterest", "Pinterest", "marketing", ("_pin_unauth", "_pinterest_*")),
    Tracker("snapchat", "Snap", "marketing", ("_scid", "_scid_*")),
    Tracker("reddit", "Reddit", "marketing", ("_rdt_uuid",)),
    Tracker("x", "X", "marketing", ("personalization_id", "guest_id", "guest_id_*", "muc_ads")),
    Tracker("criteo", "Criteo", "marketing", ("cto_bundle", "cto_*")),
    Tracker("segment", "Segment", "analysis", ("ajs_*",)),
    Tracker("mixpanel", "Mixpanel", "analysis", ("mp_*_mixpanel",)),
    Tracker("amplitude", "Amplitude", "analysis", ("amplitude_id*", "AMP_*")),
    Tracker("matomo", "Matomo", "analysis", ("_pk_id*", "_pk_ses*", "_pk_ref*")),
    Tracker("hubspot", "HubSpot", "marketing", ("hubspotutk", "__hstc", "__hssc", "__hssrc")),
    Tracker("pardot", "Salesforce", "marketing", ("visitor_id*", "pi_opt_in*", "pi_visitorid")),
    Tracker("marketo", "Adobe", "marketing", ("_mkto_trk",)),
    Tracker("optimizely", "Optimizely", "analysis", ("optimizelyEndUserId",)),
    Tracker("vwo", "Wingify", "analysis", ("_vwo_*", "_vis_opt_*")),
    Tracker("intercom", "Intercom", "analysis", ("intercom-id-*", "intercom-device-id-*")),
)


def known_tracker(name: str) -> Tracker | None:
    """The service that a cookie of this name, or a pattern for such names, is known from."""
    for tracker in _TRACKERS:
        if any(fnmatchcase(name, pattern) for pattern in tracker.names):
            return tracker
    return None
