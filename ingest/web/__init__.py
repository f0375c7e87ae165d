"""Pages, feeds and sitemaps from the web.

``fetch`` gets one address, ``discover`` says what an address amounts to. Below them: ``connection`` and ``addresses``
(where we may connect), ``manners`` and ``robots`` (when, and what), ``content`` (bodies), ``sitemaps``, ``urls``.
"""
