"""Names of cookies by which well-known services recognise or measure visitors.

They are from the services' documentation. A name is a hint, not a proof.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Final, NamedTuple

from cookiegate.registry.patterns import parse_pattern

__all__ = ["TRACKERS", "Tracker", "known_name", "known_tracker", "tracker_among"]


class Tracker(NamedTuple):
    """A service and the names of its cookies."""

    #: An id for a registry.
    service: str
    provider: str
    #: Its usual purpose: "analysis" or "marketing".
    category: str
    #: Each has at most one `*`, which matches any characters.
    names: tuple[str, ...]


def _analysis(service: str, provider: str, names: str) -> Tracker:
    return Tracker(service, provider, "analysis", tuple(names.split()))


def _marketing(service: str, provider: str, names: str) -> Tracker:
    return Tracker(service, provider, "marketing", tuple(names.split()))


#: By company.
TRACKERS: Final = (
    _analysis("adobe_analytics", "Adobe", "s_vi s_fid s_sq AMCV_* AMCVS_*"),
    _marketing("audience_manager", "Adobe", "demdex"),
    _marketing("marketo", "Adobe", "_mkto_trk"),
    _marketing("adroll", "AdRoll", "__adroll __adroll_fpc __ar_v4"),
    _analysis("amplitude", "Amplitude", "amplitude_id* AMP_*"),
    _analysis("baidu_tongji", "Baidu", "Hm_lvt_* Hm_lpvt_*"),
    _analysis("chartbeat", "Chartbeat", "_chartbeat2 _cb_svref"),
    _analysis("contentsquare", "Contentsquare", "_cs_id _cs_s _cs_c"),
    _analysis("crazy_egg", "Crazy Egg", "_ce.*"),
    _marketing("criteo", "Criteo", "cto_*"),
    _analysis("datadog", "Datadog", "_dd_s"),
    _marketing("leadfeeder", "Dealfront", "_lfa"),
    _analysis("fullstory", "FullStory", "fs_uid"),
    _analysis("google_analytics", "Google", "_ga _ga_* _gid _gat _gat_* __utm* FPID FPLC"),
    _marketing("google_ads", "Google", "_gcl_* _gac_* IDE DSID test_cookie NID 1P_JAR ANID"),
    _marketing("google_ad_manager", "Google", "__gads __gpi"),
    _marketing("youtube", "Google", "YSC VISITOR_INFO1_LIVE"),
    _analysis("heap", "Heap", "_hp2_id.* _hp2_ses_props.* _hp2_props.*"),
    _analysis("hotjar", "Hotjar", "_hj*"),
    _marketing("hubspot", "HubSpot", "hubspotutk __hstc __hssc __hssrc"),
    _analysis("inspectlet", "Inspectlet", "__insp_*"),
    _analysis("intercom", "Intercom", "intercom-id-* intercom-session-* intercom-device-id-*"),
    _marketing("klaviyo", "Klaviyo", "__kla_id"),
    _marketing(
        "linkedin",
        "LinkedIn",
        "li_* bcookie bscookie lidc UserMatchHistory AnalyticsSyncHistory",
    ),
    _analysis("matomo", "Matomo", "_pk_id* _pk_ses* _pk_ref* _pk_cvar* _pk_hsr*"),
    _marketing("meta_pixel", "Meta", "_fbp _fbc fr"),
    _analysis("application_insights", "Microsoft", "ai_user ai_session"),
    _analysis("clarity", "Microsoft", "_clck _clsk CLID"),
    _marketing("microsoft_ads", "Microsoft", "_uetsid _uetvid _uetmsclkid MUID ANONCHK"),
    _analysis("mixpanel", "Mixpanel", "mp_*_mixpanel"),
    _analysis("mouseflow", "Mouseflow", "mf_user"),
    _analysis("optimizely", "Optimizely", "optimizelyEndUserId optimizelySession"),
    _marketing("eloqua", "Oracle", "ELOQUA ELQSTATUS"),
    _marketing("addthis", "Oracle", "__atuvc __atuvs"),
    _analysis("parsely", "Automattic", "_parsely_visitor _parsely_session"),
    _marketing("pinterest", "Pinterest", "_pin_unauth _pinterest_* _epik"),
    _analysis("posthog", "PostHog", "ph_*_posthog"),
    _marketing("quantcast", "Quantcast", "__qca"),
    _marketing("reddit", "Reddit", "_rdt_uuid"),
    _analysis("rudderstack", "RudderStack", "rl_anonymous_id rl_user_id rl_session rl_page_init_*"),
    _marketing("pardot", "Salesforce", "visitor_id* pi_opt_in* pi_visitorid lpv*"),
    _analysis("segment", "Segment", "ajs_*"),
    _marketing("6sense", "6sense", "_gd_visitor _gd_session"),
    _marketing("snapchat", "Snap", "_scid _scid_*"),
    _analysis("snowplow", "Snowplow", "_sp_id.* _sp_ses.*"),
    _marketing("taboola", "Taboola", "t_gid"),
    _analysis("tealium", "Tealium", "utag_main"),
    _marketing("the_trade_desk", "The Trade Desk", "TDID TDCPM"),
    _marketing("tiktok", "TikTok", "_ttp _tt_* ttwid tt_appInfo tt_sessionId tt_pixel_*"),
    _analysis("vimeo", "Vimeo", "vuid"),
    _analysis("vwo", "Wingify", "_vwo_* _vis_opt_*"),
    _marketing("x", "X", "personalization_id guest_id guest_id_* muc_ads _twclid"),
    _marketing("xandr", "Microsoft", "uuid2 anj"),
    _analysis("yandex_metrica", "Yandex", "_ym_* yandexuid"),
)

_EXACT: Final = {name: one for one in TRACKERS for name in one.names if "*" not in name}
# By the text before the `*`: the text after it, and the tracker.
_WILD: Final[defaultdict[str, list[tuple[str, Tracker]]]] = defaultdict(list)
# By the first characters of the text before the `*`: that text, the name, and the tracker.
_START: Final = 3
_BEGINNINGS: Final[defaultdict[str, list[tuple[str, str, Tracker]]]] = defaultdict(list)
for _tracker in TRACKERS:
    for _name in _tracker.names:
        _before, _star, _behind = _name.partition("*")
        if _star:
            _WILD[_before].append((_behind, _tracker))
        _BEGINNINGS[_before[:_START]].append((_before, _name, _tracker))
_LENGTHS: Final = tuple(sorted({len(before) for before in _WILD}, reverse=True))


def known_tracker(name: str) -> Tracker | None:
    """Return the service that uses a cookie of this name; a pattern is taken as a name."""
    found = known_name(name)
    return None if found is None else found[1]


def known_name(name: str) -> tuple[str, Tracker] | None:
    """Return the name or pattern of a service that a cookie has, and the service."""
    found = _EXACT.get(name)
    if found is not None:
        return name, found
    for length in _LENGTHS:
        before = name[:length]
        for behind, tracker in _WILD.get(before, ()):
            if name[length:].endswith(behind):
                return f"{before}*{behind}", tracker
    return None


def tracker_among(pattern: str) -> tuple[str, Tracker] | None:
    """
    Return a tracker whose cookie a pattern matches, with the cookie's name.

    Args:
        pattern: A pattern with a prefix of at least three literal characters, as a required
            category must have.
    """
    wide = parse_pattern(pattern)
    if wide.exact is not None:
        return None
    prefix = wide.prefix
    for before, name, tracker in _BEGINNINGS.get(prefix[:_START], ()):
        is_near = before.startswith(prefix) or prefix.startswith(before)
        if is_near and wide.overlaps(parse_pattern(name)):
            return name, tracker
    return None
