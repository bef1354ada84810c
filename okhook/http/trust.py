"""Which certificate authorities are trusted: the system's, or those that the environment names."""

import os
import ssl

_NAMED_BY = ("SSL_CERT_FILE", "SSL_CERT_DIR")


def trusted() -> ssl.SSLContext | bool:
    """Return what an HTTP client verifies certificates with.

    The system's trust store, to which companies add their own authorities, and certifi's bundle for
    machines that have none. Where ``SSL_CERT_FILE`` or ``SSL_CERT_DIR`` is set, True: the client
    reads them itself, and they alone count.
    """
    if any(os.environ.get(name) for name in _NAMED_BY):
        return True
    import certifi
    import truststore

    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(certifi.where())
    return context
