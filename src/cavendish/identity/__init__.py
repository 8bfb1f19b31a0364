"""Single sign-on: who a person is by the word of an OpenID Connect issuer that the operator trusts."""
