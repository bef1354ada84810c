"""okhook: from nothing to a verified Okta event hook that calls your own code."""
