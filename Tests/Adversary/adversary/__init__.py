"""An adversary: an upstream, clients and an oracle that know the protocol and nothing of the proxy."""
