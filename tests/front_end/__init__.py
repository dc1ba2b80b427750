"""The tools and packages from npm that the tests of `cookiegate.js` need."""
