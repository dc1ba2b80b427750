"""HTTP as bytes: Set-Cookie and Cookie headers, dates, signals, CSP, cache headers. No policy."""
